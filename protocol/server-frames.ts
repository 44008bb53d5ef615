import * as v from "valibot";
import { conversationTypes, memberSchema, readerEventSchema } from "./event.ts";
import type { ErrorCode } from "./error-codes.ts";

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A pending send that the log holds: what its ack said. A pending key without a fate was never stored. Rule HEL-4. */
export const fateSchema = v.object({ clientMessageId: v.string(), seq, at: v.number() });
export type Fate = v.InferOutput<typeof fateSchema>;

/** Answers `hello`. Events after the reader's cursor follow in `events` frames. */
export const welcomeSchema = v.object({
  type: v.literal("welcome"),
  version: v.number(),
  conversationId: v.string(),
  epoch: v.string(),
  sessionId: v.string(),
  userId: v.string(),
  head: seq,
  conversation: v.object({
    type: v.picklist(conversationTypes),
    name: v.nullable(v.string()),
    createdAt: v.number(),
    /** The first `namedMembers`; `memberCount` counts all. */
    members: v.array(memberSchema),
    memberCount: v.number(),
  }),
  fates: v.array(fateSchema),
  /** Where in a second this client should reconnect after a cut, so that thousands do not come at once. Ms. */
  reconnectSlotMs: v.number(),
});

/** Events in seq order. `more`: the resume has further pages, ask with `next`; live events follow the last one. */
export const eventsSchema = v.object({
  type: v.literal("events"),
  events: v.array(readerEventSchema),
  more: v.optional(v.boolean()),
});

/** The send is durable at `seq`. A repeated send gets the first ack again. Rule ORD-3. */
export const ackSchema = v.object({
  type: v.literal("ack"),
  clientMessageId: v.string(),
  seq,
  at: v.number(),
});

/** A frame was refused. `clientMessageId` names the send it belongs to. Rule ERR-1. */
export const errorSchema = v.object({
  type: v.literal("error"),
  code: v.string(),
  message: v.string(),
  retryable: v.boolean(),
  clientMessageId: v.optional(v.string()),
  retryAfterMs: v.optional(v.number()),
});

export const pongSchema = v.object({ type: v.literal("pong") });

/** The server will close this socket; come back after `retryAfterMs`. */
export const byeSchema = v.object({ type: v.literal("bye"), retryAfterMs: v.number() });

export const serverFrameSchema = v.variant("type", [
  welcomeSchema,
  eventsSchema,
  ackSchema,
  errorSchema,
  pongSchema,
  byeSchema,
]);
export type ServerFrame = v.InferOutput<typeof serverFrameSchema>;
export type WelcomeFrame = v.InferOutput<typeof welcomeSchema>;
export type EventsFrame = v.InferOutput<typeof eventsSchema>;
export type AckFrame = v.InferOutput<typeof ackSchema>;
export type ErrorFrame = v.InferOutput<typeof errorSchema> & { code: ErrorCode };
