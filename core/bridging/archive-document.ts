import type { ConversationType, FoundedEvent, MessageEvent } from "../../protocol/event.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import type { Member } from "../../protocol/member.ts";
import type { OutboxEvent, OutboxReceipt } from "../../protocol/outbox-frames.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../protocol/settings.ts";
import { chatSvcFields } from "../chat/chat-svc.ts";
import { messageView, type TimeWriter } from "../message-view.ts";

/** One message with the fields of both systems: nGomna's in camelCase, chat-svc's flat in snake_case. */
export function messageDocument<Time>(
  conversationId: ConversationId,
  event: MessageEvent,
  time: TimeWriter<Time>,
) {
  return {
    ...messageView(conversationId, event, time),
    ...metadataFields(event.message.metadata),
    ...chatSvcFields(conversationId, event),
  };
}

/** A text that an edit or a deletion ended; `at` is when it was written. */
export interface ArchivedVersion<Time> {
  version: number;
  content: string;
  at: Time;
}

export interface ArchivedReaction {
  emoji: string;
  userId: string;
}

export type ArchivedMessage<Time> = ReturnType<typeof messageDocument<Time>> & {
  reactions: ArchivedReaction[];
  history: ArchivedVersion<Time>[];
  /** Seq of the last event in this document; one that is not above it changes nothing. */
  appliedSeq: number;
  /** The trace that its sending was part of; absent where its client named none. */
  traceparent?: string;
};

/** A message before any later event. What stands beside it in the log comes with those: core/bridging/archive-fold.ts. */
export function archivedMessage<Time>(
  conversationId: ConversationId,
  { traceparent, ...event }: Extract<OutboxEvent, { type: "message" }>,
  time: TimeWriter<Time>,
): ArchivedMessage<Time> {
  const document = messageDocument(conversationId, event, time);
  const trace = traceparent === undefined ? {} : { traceparent };
  return { ...document, reactions: [], history: [], appliedSeq: event.seq, ...trace };
}

export interface ArchivedMember<Time> extends Member {
  /** May not write before. */
  mutedUntil?: Time;
}

export interface ArchivedConversation<Time> {
  _id: ConversationId;
  conversationId: ConversationId;
  type: ConversationType;
  name: string | null;
  avatarFileId: string | null;
  founderId: string;
  members: ArchivedMember<Time>[];
  /** User ids. */
  banned: string[];
  settings: Settings;
  dismissedAt: Time | null;
  createdAt: Time;
  appliedSeq: number;
}

/** What the founding says of a conversation; when it was last written to is kept beside it. */
export function conversationDocument<Time>(
  conversationId: ConversationId,
  event: FoundedEvent,
  time: TimeWriter<Time>,
): ArchivedConversation<Time> {
  const { type, name, members, avatarFileId, settings } = event.conversation;
  return {
    _id: conversationId,
    conversationId,
    type,
    name,
    avatarFileId: avatarFileId ?? null,
    founderId: event.senderId,
    members,
    banned: [],
    settings: { ...DEFAULT_SETTINGS, ...settings },
    dismissedAt: null,
    createdAt: time(event.at),
    appliedSeq: event.seq,
  };
}

export interface ArchivedReceipt<Time> {
  _id: string;
  conversationId: ConversationId;
  userId: string;
  delivered: number;
  deliveredAt: Time;
  read: number;
  readAt: Time;
}

/** One member's cursors. Every one of them only grows. */
export function receiptDocument<Time>(
  conversationId: ConversationId,
  { userId, delivered, deliveredAt, read, readAt }: OutboxReceipt,
  time: TimeWriter<Time>,
): ArchivedReceipt<Time> {
  return {
    _id: `${conversationId}/${userId}`,
    conversationId,
    userId,
    delivered,
    deliveredAt: time(deliveredAt),
    read,
    readAt: time(readAt),
  };
}

/**
 * A sender chooses the keys and the depth of `metadata`, and not every document store takes all of them. What might be
 * refused is kept as JSON text instead, so that nobody can write a message that cannot be archived.
 */
function metadataFields(metadata: Record<string, unknown> | undefined) {
  if (metadata === undefined) return { metadata: null };
  if (isPlainDocument(metadata, DOCUMENT_DEPTH)) return { metadata };
  return { metadata: null, metadataJson: JSON.stringify(metadata) };
}

function isPlainDocument(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isPlainDocument(item, depth - 1));
  return Object.entries(value).every(
    ([key, item]) => PLAIN_KEY.test(key) && isPlainDocument(item, depth - 1),
  );
}

/** No empty key, `$` in front, dot or NUL: MongoDB before 5 and its work-alikes refuse them. */
const PLAIN_KEY = /^[^$.\0][^.\0]*$/;
/** Levels of metadata kept as fields; BSON allows 100 in all, and work-alikes fewer. */
const DOCUMENT_DEPTH = 32;
