import * as v from "valibot";
import { SENDABLE_TYPES } from "./message.ts";

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const at = v.pipe(v.number(), v.safeInteger());

export const memberSchema = v.object({
  userId: v.string(),
  name: v.string(),
  role: v.picklist(["owner", "admin", "moderator", "member"]),
});
export type Member = v.InferOutput<typeof memberSchema>;

export const conversationTypes = ["direct", "group"] as const;
export type ConversationType = (typeof conversationTypes)[number];

/**
 * Event 0: who founded the conversation, with whom. It is the log's header: readers get it in `welcome`,
 * the bridge archives it, and messages start at seq 1. Rule ORD-1.
 */
export const foundedEventSchema = v.object({
  seq: v.literal(0),
  at,
  type: v.literal("founded"),
  senderId: v.string(),
  conversation: v.object({
    type: v.picklist(conversationTypes),
    name: v.nullable(v.string()),
    members: v.array(memberSchema),
  }),
});
export type FoundedEvent = v.InferOutput<typeof foundedEventSchema>;

export const messageEventSchema = v.object({
  seq,
  at,
  type: v.literal("message"),
  senderId: v.string(),
  clientMessageId: v.string(),
  message: v.object({
    type: v.picklist([...SENDABLE_TYPES, "SYSTEM"]),
    content: v.string(),
    replyTo: v.optional(v.string()),
    mentions: v.optional(v.array(v.string())),
    attachments: v.optional(v.array(v.string())),
    metadata: v.optional(v.record(v.string(), v.unknown())),
  }),
});
export type MessageEvent = v.InferOutput<typeof messageEventSchema>;

/** One entry of a conversation's log, as readers, the bridge and the archive see it. `at` is epoch milliseconds. */
export const logEventSchema = v.variant("type", [foundedEventSchema, messageEventSchema]);
export type LogEvent = v.InferOutput<typeof logEventSchema>;

/** What readers of a conversation receive: everything but the header, which `welcome` carries. */
export const readerEventSchema = v.variant("type", [messageEventSchema]);
export type ReaderEvent = v.InferOutput<typeof readerEventSchema>;
