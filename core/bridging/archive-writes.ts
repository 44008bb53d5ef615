import type { ConversationType } from "../../protocol/event.ts";
import { messageIdOf, type ConversationId } from "../../protocol/ids.ts";
import type { OutboxEvent, OutboxReceipt } from "../../protocol/outbox-frames.ts";
import {
  archivedMessage,
  conversationDocument,
  receiptDocument,
  type ArchivedConversation,
  type ArchivedMessage,
  type ArchivedReceipt,
} from "./archive-document.ts";
import { targetsOf, type ConversationChange, type MessageChange } from "./archive-fold.ts";
import { reportDocument, type ArchivedReport } from "./archive-report.ts";
import type { TimeWriter } from "../message-view.ts";

/** Consecutive events of one conversation and the newest receipts of its members, on their way out. */
export interface ArchiveBatch {
  conversation: { conversationId: ConversationId; type: ConversationType };
  events: readonly OutboxEvent[];
  receipts: readonly OutboxReceipt[];
}

/** A document and the events that change it, in their order. */
export interface DocumentChanges<Change> {
  _id: string;
  events: Change[];
}

/** What a group of batches means to a document store. To be written in the order of the fields. */
export interface ArchiveWrites<Time> {
  /** Inserted unless they are there. */
  messages: ArchivedMessage<Time>[];
  /** Inserted unless they are there. */
  founded: ArchivedConversation<Time>[];
  /** Inserted unless they are there. */
  reports: ArchivedReport<Time>[];
  /** Folded into what is there by then: core/bridging/archive-fold.ts. */
  messageChanges: DocumentChanges<MessageChange>[];
  conversationChanges: DocumentChanges<ConversationChange>[];
  /** Every number in them only ever grows. */
  receipts: ArchivedReceipt<Time>[];
  /** Per conversation: its latest event; both numbers only ever grow. */
  reached: { conversationId: ConversationId; archivedSeq: number; updatedAt: Time }[];
}

export function archiveWrites<Time>(
  batches: readonly ArchiveBatch[],
  time: TimeWriter<Time>,
): ArchiveWrites<Time> {
  const messages: ArchivedMessage<Time>[] = [];
  const founded: ArchivedConversation<Time>[] = [];
  const reports: ArchivedReport<Time>[] = [];
  const messageChanges = new ChangeList<MessageChange>();
  const conversationChanges = new ChangeList<ConversationChange>();
  const receipts = new Map<string, ArchivedReceipt<Time>>();
  const last = new Map<ConversationId, OutboxEvent>();
  for (const { conversation, events, receipts: moved } of batches) {
    const { conversationId } = conversation;
    for (const event of events) {
      switch (event.type) {
        case "message":
          messages.push(archivedMessage(conversationId, event, time));
          break;
        case "founded":
          founded.push(conversationDocument(conversationId, event, time));
          break;
        case "edited":
        case "deleted":
        case "erased":
        case "reaction":
        case "reported":
        case "judged":
        case "fileDeleted":
          if (event.type === "reported") reports.push(reportDocument(conversationId, event, time));
          for (const target of targetsOf(event))
            messageChanges.add(messageIdOf(conversationId, target), changeOf(event, target));
          break;
        case "fileUploaded": // what is kept of a file is at the edge; the log of it is in Kafka
          break;
        case "membership":
        case "settings":
        case "dismissed":
          conversationChanges.add(conversationId, event);
          break;
      }
      if (event.seq >= (last.get(conversationId)?.seq ?? 0)) last.set(conversationId, event);
    }
    for (const receipt of moved) {
      const document = receiptDocument(conversationId, receipt, time);
      receipts.set(document._id, document);
    }
  }
  const reached = [...last].map(([conversationId, event]) => ({
    conversationId,
    archivedSeq: event.seq,
    updatedAt: time(event.at),
  }));
  return {
    messages,
    founded,
    reports,
    messageChanges: messageChanges.documents(),
    conversationChanges: conversationChanges.documents(),
    receipts: [...receipts.values()],
    reached,
  };
}

/** Each document's erasing names that document alone: some sinks write it out. */
function changeOf(event: MessageChange, target: number): MessageChange {
  return event.type === "erased" ? { ...event, targets: [target] } : event;
}

class ChangeList<Change> {
  readonly #events = new Map<string, Change[]>();

  add(_id: string, event: Change): void {
    const events = this.#events.get(_id);
    if (events === undefined) this.#events.set(_id, [event]);
    else events.push(event);
  }

  documents(): DocumentChanges<Change>[] {
    return [...this.#events].map(([_id, events]) => ({ _id, events }));
  }
}
