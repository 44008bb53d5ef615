import type { ConversationType, LogEvent } from "../protocol/event.ts";
import type { ConversationId } from "../protocol/ids.ts";
import {
  conversationDocument,
  messageDocument,
  type ArchivedConversation,
  type ArchivedMessage,
} from "./archive-document.ts";
import type { TimeWriter } from "./message-view.ts";

/** Consecutive events of one conversation, on their way out. */
export interface ArchiveBatch {
  conversation: { conversationId: ConversationId; type: ConversationType };
  events: readonly LogEvent[];
}

/** What a group of batches means to a document store. */
export interface ArchiveWrites<Time> {
  /** Inserted unless they are there. */
  messages: ArchivedMessage<Time>[];
  /** Inserted unless they are there. */
  founded: ArchivedConversation<Time>[];
  /** Per conversation: its latest event; both numbers only ever grow. */
  reached: { conversationId: ConversationId; archivedSeq: number; updatedAt: Time }[];
}

export function archiveWrites<Time>(
  batches: readonly ArchiveBatch[],
  time: TimeWriter<Time>,
): ArchiveWrites<Time> {
  const messages: ArchivedMessage<Time>[] = [];
  const founded: ArchivedConversation<Time>[] = [];
  const last = new Map<ConversationId, LogEvent>();
  for (const { conversation, events } of batches) {
    const { conversationId } = conversation;
    for (const event of events) {
      if (event.type === "message") messages.push(messageDocument(conversationId, event, time));
      else if (event.type === "founded")
        founded.push(conversationDocument(conversationId, event, time));
      if (event.seq >= (last.get(conversationId)?.seq ?? 0)) last.set(conversationId, event);
    }
  }
  const reached = [...last].map(([conversationId, event]) => ({
    conversationId,
    archivedSeq: event.seq,
    updatedAt: time(event.at),
  }));
  return { messages, founded, reached };
}
