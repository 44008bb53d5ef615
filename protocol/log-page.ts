import * as v from "valibot";
import {
  outboxConversationSchema,
  outboxEventSchema,
  outboxReceiptSchema,
} from "./outbox-frames.ts";

/** What the edge tells its bridge of the logs themselves, for a backfill or an audit. Rule AUD-1. */

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** An event as the outbox sends it, and what stands beside it now. */
export const logEntrySchema = v.object({
  event: outboxEventSchema,
  /** Of a message: how many earlier versions it has. */
  versions: v.optional(count),
  /** Of a message: how many reactions it has, none once it is deleted. */
  reactions: v.optional(count),
  /** Of a reaction: whether its message has it now. */
  stands: v.optional(v.boolean()),
});
export type LogEntry = v.InferOutput<typeof logEntrySchema>;

export const logPageSchema = v.object({
  conversation: outboxConversationSchema,
  /** Where the log ended when the page was read. */
  head: count,
  /** Consecutive, after the cursor that was asked for; none at the log's end. */
  entries: v.array(logEntrySchema),
  /** All stored receipts, with the page that reaches the head. */
  receipts: v.array(outboxReceiptSchema),
});
export type LogPage = v.InferOutput<typeof logPageSchema>;

/** Some of all conversations there are; `next` is the cursor of the following page, null after the last. */
export const conversationPageSchema = v.object({
  conversationIds: v.array(v.string()),
  next: v.nullable(v.string()),
});
export type ConversationPage = v.InferOutput<typeof conversationPageSchema>;
