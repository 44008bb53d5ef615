import type {
  ArchivedConversation,
  ArchivedMessage,
} from "../../core/bridging/archive-document.ts";
import type { ArchivedReport } from "../../core/bridging/archive-report.ts";
import { foldConversation, foldMessage } from "../../core/bridging/archive-fold.ts";
import { archiveWrites, type ArchiveBatch } from "../../core/bridging/archive-writes.ts";

/** The archive on plain maps: what every document store must come to. */
export class MemoryArchive {
  readonly messages = new Map<string, ArchivedMessage<Date>>();
  readonly conversations = new Map<string, ArchivedConversation<Date>>();
  readonly reports = new Map<string, ArchivedReport<Date>>();

  write(batch: ArchiveBatch): void {
    const writes = archiveWrites([batch], (at) => new Date(at));
    for (const document of writes.messages) insert(this.messages, document);
    for (const document of writes.founded) insert(this.conversations, document);
    for (const document of writes.reports) insert(this.reports, document);
    for (const { _id, events } of writes.messageChanges) {
      const document = this.messages.get(_id);
      if (document !== undefined) this.messages.set(_id, events.reduce(foldOne, document));
    }
    for (const { _id, events } of writes.conversationChanges) {
      const document = this.conversations.get(_id);
      if (document !== undefined) this.conversations.set(_id, events.reduce(foldOther, document));
    }
  }
}

function insert<Document extends { _id: string }>(
  documents: Map<string, Document>,
  document: Document,
): void {
  if (!documents.has(document._id)) documents.set(document._id, document);
}

const toDate = (at: number) => new Date(at);
type FoldMessage = typeof foldMessage<Date, ArchivedMessage<Date>>;
type FoldConversation = typeof foldConversation<Date, ArchivedConversation<Date>>;
const foldOne = (state: ArchivedMessage<Date>, event: Parameters<FoldMessage>[1]) =>
  foldMessage(state, event, toDate);
const foldOther = (state: ArchivedConversation<Date>, event: Parameters<FoldConversation>[1]) =>
  foldConversation(state, event, toDate);
