import * as v from "valibot";
import { LIMITS } from "../../../protocol/limits.ts";
import { conversationIdSchema, messageIdSchema, queryLimit, timeSchema } from "./ids.ts";

/** The other system's words, in snake_case and without an envelope. */
export const onSvcMessage = v.object({ message_id: messageIdSchema });
export const inSvcConversation = v.object({ conversation_id: conversationIdSchema });

export const svcHistoryQuery = v.object({
  last_message_id: v.optional(messageIdSchema),
  limit: v.optional(queryLimit(LIMITS.historyMax), `${LIMITS.historyDefault}`),
});

const nullableText = v.nullable(v.string());

export const svcMessagesSchema = v.array(
  v.object({
    message_id: v.string(),
    conversation_id: v.string(),
    seq: v.number(),
    sender_id: v.string(),
    receiver_id: nullableText,
    text_content: v.string(),
    attachment_url: nullableText,
    attachment_filename: nullableText,
    attachment_mimetype: nullableText,
    message_type: v.string(),
    is_spam: v.boolean(),
    client_message_id: v.string(),
    timestamp: timeSchema,
  }),
);
