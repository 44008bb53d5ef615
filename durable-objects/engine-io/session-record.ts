import * as v from "valibot";

/** What is kept of a session while the object sleeps: in its socket's attachment, or in a row while it polls. */
const fields = {
  v: v.literal(1),
  sid: v.string(),
  heartbeat: v.object({
    dueAt: v.number(),
    pingedAt: v.nullable(v.number()),
    expiresAt: v.number(),
  }),
  /** What the handlers keep; their own schema reads it. */
  data: v.unknown(),
};

const socketSchema = v.object({ ...fields, engine: v.literal("session") });

/** A WebSocket that was opened for a polling session and has not taken over. */
const offerSchema = v.object({
  v: v.literal(1),
  engine: v.literal("offer"),
  sid: v.string(),
  offeredAt: v.number(),
  probed: v.boolean(),
});

export const pollingSchema = v.object({ ...fields, closing: v.boolean() });

export type SocketRecord = v.InferOutput<typeof socketSchema>;
export type OfferRecord = v.InferOutput<typeof offerSchema>;
export type PollingRecord = v.InferOutput<typeof pollingSchema>;

const attachmentSchema = v.variant("engine", [socketSchema, offerSchema]);

/** Null for a socket that is no Engine.IO one. */
export function readAttachment(socket: WebSocket): SocketRecord | OfferRecord | null {
  const parsed = v.safeParse(attachmentSchema, socket.deserializeAttachment());
  return parsed.success ? parsed.output : null;
}
