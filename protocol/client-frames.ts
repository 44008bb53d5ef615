import * as v from "valibot";
import { LIMITS } from "./limits.ts";
import {
  clientMessageIdSchema,
  contentSchema,
  emojiSchema,
  messageDraftSchema,
} from "./message.ts";
import { traceparentSchema } from "./trace-context.ts";

const cursor = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const target = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** How far a member has got: `read` implies `delivered`. Rule RCP-1. */
export const receiptSchema = v.object({
  delivered: v.optional(cursor),
  read: v.optional(cursor),
});

/**
 * First frame of a session: where the reader stands and which changes it has no ack for. `last` starts that many events
 * before the head instead, for a reader who keeps nothing. Rules HEL-1 to HEL-5.
 */
export const helloSchema = v.object({
  type: v.literal("hello"),
  version: v.number(),
  cursor: v.optional(cursor, 0),
  last: v.optional(cursor),
  epoch: v.optional(v.string()),
  pending: v.optional(v.pipe(v.array(clientMessageIdSchema), v.maxLength(LIMITS.pendingKeys)), []),
  /** Receipts that may not have arrived before a cut. */
  receipt: v.optional(receiptSchema),
});

/** Asks for the next page of a resume. Rule RES-3. */
export const nextSchema = v.object({ type: v.literal("next") });

/** One message. The same `clientMessageId` from the same sender is the same message, for ever. Rule ORD-3. */
export const sendSchema = v.object({
  type: v.literal("send"),
  clientMessageId: clientMessageIdSchema,
  message: messageDraftSchema,
  /** Only if nothing came after this seq; else `CONFLICT`. Rule SND-4. */
  ifLastSeq: v.optional(cursor),
  /** The trace that it is part of. Rule TRC-1. */
  traceparent: traceparentSchema,
});

/** Messages that are all stored, with consecutive seqs, or none. Rule SND-5. */
export const batchSchema = v.object({
  type: v.literal("batch"),
  sends: v.pipe(
    v.array(v.object({ clientMessageId: clientMessageIdSchema, message: messageDraftSchema })),
    v.minLength(1),
    v.maxLength(LIMITS.batchMessages),
  ),
  ifLastSeq: v.optional(cursor),
  traceparent: traceparentSchema,
});

/** New content for an own message. Rule CHG-2. */
export const editSchema = v.object({
  type: v.literal("edit"),
  clientMessageId: clientMessageIdSchema,
  target,
  content: contentSchema,
  traceparent: traceparentSchema,
});

/** Takes a message away: for everyone, or out of the own sight only. Rules CHG-3 and CHG-5. */
export const deleteSchema = v.object({
  type: v.literal("delete"),
  clientMessageId: clientMessageIdSchema,
  target,
  scope: v.optional(v.picklist(["everyone", "me"]), "everyone"),
  traceparent: traceparentSchema,
});

/** An emoji on a message, or off it again. Rule CHG-4. */
export const reactSchema = v.object({
  type: v.literal("react"),
  clientMessageId: clientMessageIdSchema,
  target,
  emoji: emojiSchema,
  active: v.optional(v.boolean(), true),
  traceparent: traceparentSchema,
});

/** Moves the own receipt; moving it back changes nothing. Rule RCP-2. */
export const receiptFrameSchema = v.object({
  type: v.literal("receipt"),
  ...receiptSchema.entries,
});

/** The member writes, or has stopped; never stored. Rule LIV-3. */
export const typingFrameSchema = v.object({ type: v.literal("typing"), active: v.boolean() });

export const clientFrameSchema = v.variant("type", [
  helloSchema,
  nextSchema,
  sendSchema,
  batchSchema,
  editSchema,
  deleteSchema,
  reactSchema,
  receiptFrameSchema,
  typingFrameSchema,
]);
export type ClientFrame = v.InferOutput<typeof clientFrameSchema>;
export type HelloFrame = v.InferOutput<typeof helloSchema>;
export type SendFrame = v.InferOutput<typeof sendSchema>;
/** How far a member has got, as far as it is said. */
export type Receipt = v.InferOutput<typeof receiptSchema>;

/** Frames as a client writes them: defaults may be left out. */
export type ClientFrameInput = v.InferInput<typeof clientFrameSchema>;

/** Keep-alive. The platform answers the exact text, so an idle object sleeps on. Rule LIV-1. */
export const PING_TEXT = '{"type":"ping"}';
export const PONG_TEXT = '{"type":"pong"}';
