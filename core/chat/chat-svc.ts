import * as v from "valibot";
import type { MessageEvent } from "../../protocol/event.ts";
import { conversationIdSchema, userIdSchema } from "../../protocol/id-schemas.ts";
import { directPair, messageIdOf, type ConversationId } from "../../protocol/ids.ts";
import { clientMessageIdSchema, contentSchema, type MessageDraft } from "../../protocol/message.ts";
import { shownAttachment } from "../message-view.ts";

/** The second system's words for the same things: flat, snake_case, between two people. */
const text = v.pipe(v.string(), v.maxLength(2_048));

export const chatMessageSchema = v.object({
  sender_id: v.optional(v.string()),
  receiver_id: v.optional(v.nullable(userIdSchema)),
  conversation_id: v.optional(v.nullable(conversationIdSchema)),
  text_content: v.optional(v.nullable(contentSchema)),
  attachment_url: v.optional(v.nullable(text)),
  attachment_filename: v.optional(v.nullable(text)),
  attachment_mimetype: v.optional(v.nullable(text)),
  client_message_id: v.optional(clientMessageIdSchema),
});
export type ChatMessage = v.InferOutput<typeof chatMessageSchema>;

export const svcTypingSchema = v.object({
  sender_id: v.optional(v.string()),
  receiver_id: v.optional(v.nullable(userIdSchema)),
  conversation_id: v.optional(v.nullable(conversationIdSchema)),
});

/** Whether a payload of `typing` speaks this dialect: both have an event of that name. */
export function isSvcPayload(payload: unknown): boolean {
  return typeof payload === "object" && payload !== null && "sender_id" in payload;
}

/** The message as the log keeps it. What names the attachment travels along in `metadata`. */
export function draftOf(message: ChatMessage): MessageDraft {
  const { attachment_url, attachment_filename, attachment_mimetype } = message;
  const content = message.text_content ?? "";
  if (attachment_url === undefined || attachment_url === null) return { type: "TEXT", content };
  return {
    type: attachment_mimetype?.startsWith("image/") === true ? "IMAGE" : "FILE",
    content,
    metadata: {
      attachment_url,
      attachment_filename: attachment_filename ?? null,
      attachment_mimetype: attachment_mimetype ?? null,
    },
  };
}

const attachmentSchema = v.object({
  attachment_url: v.fallback(v.nullable(v.string()), null),
  attachment_filename: v.fallback(v.nullable(v.string()), null),
  attachment_mimetype: v.fallback(v.nullable(v.string()), null),
});

/** What the message says of its attachment: the words of this dialect's own clients, else the first file. */
export function svcAttachment(message: MessageEvent["message"]) {
  const [fileId] = message.attachments ?? [];
  const isGone = fileId !== undefined && shownAttachment(message) === undefined;
  const named = v.parse(attachmentSchema, message.metadata ?? {});
  const url = named.attachment_url ?? (fileId === undefined ? null : `/files/${fileId}`);
  return { ...named, attachment_url: isGone ? null : url };
}

/** The other one of the two; null in a group, and for a sender who is neither, as the system is. */
export function receiverOf(conversationId: ConversationId, senderId: string): string | null {
  const [one, other] = directPair(conversationId) ?? [];
  if (senderId === one) return other ?? null;
  return senderId === other ? (one ?? null) : null;
}

/** A message in chat-svc's words. */
export function chatSvcFields(conversationId: ConversationId, event: MessageEvent) {
  const { message } = event;
  return {
    message_id: messageIdOf(conversationId, event.seq),
    conversation_id: conversationId,
    sender_id: event.senderId,
    receiver_id: receiverOf(conversationId, event.senderId),
    text_content: message.content,
    ...svcAttachment(message),
    message_type: message.type,
    is_spam: event.isSpam ?? false,
  };
}

/** What the quote service writes is from nobody. */
const FROM_NOBODY = { sender_id: "SYSTEM_NOTIFICATION", receiver_id: null };

export function svcMessage(
  conversationId: ConversationId,
  event: MessageEvent,
  time: (at: number) => string,
) {
  return {
    ...chatSvcFields(conversationId, event),
    ...(event.message.type === "SYSTEM" ? FROM_NOBODY : {}),
    seq: event.seq,
    client_message_id: event.clientMessageId,
    timestamp: time(event.at),
  };
}

/** What a client is told when a message becomes spam, or is found to be none. */
export function svcFlagged(
  conversationId: ConversationId,
  { target, isSpam, at }: { target: number; isSpam: boolean; at: number },
  time: (at: number) => string,
) {
  return {
    message_id: messageIdOf(conversationId, target),
    conversation_id: conversationId,
    is_spam: isSpam,
    timestamp: time(at),
  };
}

export function svcTyping(conversationId: ConversationId, userId: string) {
  return {
    sender_id: userId,
    receiver_id: receiverOf(conversationId, userId),
    conversation_id: conversationId,
    userId,
  };
}
