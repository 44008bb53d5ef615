import * as v from "valibot";
import { LIMITS } from "./limits.ts";
import { clientMessageIdSchema, messageDraftSchema } from "./message.ts";

const cursor = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** First frame of a session: where the reader stands and which sends it has no ack for. Rules HEL-1 to HEL-5. */
export const helloSchema = v.object({
  type: v.literal("hello"),
  version: v.number(),
  cursor: v.optional(cursor, 0),
  epoch: v.optional(v.string()),
  pending: v.optional(v.pipe(v.array(clientMessageIdSchema), v.maxLength(LIMITS.pendingKeys)), []),
});

/** Asks for the next page of a resume. Rule RES-3. */
export const nextSchema = v.object({ type: v.literal("next") });

/** One message. The same `clientMessageId` from the same sender is the same message, for ever. Rule ORD-3. */
export const sendSchema = v.object({
  type: v.literal("send"),
  clientMessageId: clientMessageIdSchema,
  message: messageDraftSchema,
});

export const clientFrameSchema = v.variant("type", [helloSchema, nextSchema, sendSchema]);
export type ClientFrame = v.InferOutput<typeof clientFrameSchema>;
export type HelloFrame = v.InferOutput<typeof helloSchema>;
export type SendFrame = v.InferOutput<typeof sendSchema>;

/** Frames as a client writes them: defaults may be left out. */
export type ClientFrameInput = v.InferInput<typeof clientFrameSchema>;

/** Keep-alive. The platform answers the exact text, so an idle object sleeps on. Rule LIV-1. */
export const PING_TEXT = '{"type":"ping"}';
export const PONG_TEXT = '{"type":"pong"}';
