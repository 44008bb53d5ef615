import type {
  ArchivedConversation,
  ArchivedMessage,
  ArchivedReceipt,
} from "../../core/bridging/archive-document.ts";
import type { ArchivedReport } from "../../core/bridging/archive-report.ts";
import type { ArchiveWrites } from "../../core/bridging/archive-writes.ts";

/** A document of any collection: keyed by text; what else it holds is said by core/bridging/archive-document.ts. */
export interface Archived {
  _id: string;
  [field: string]: unknown;
}

/** The one kind of write the archive knows. */
export interface Upsert {
  updateOne: {
    filter: { _id: string; appliedSeq?: number };
    update: {
      $setOnInsert?: Record<string, unknown>;
      $max?: Record<string, unknown>;
      $set?: Record<string, unknown>;
    };
    upsert: boolean;
  };
}

type Reached = ArchiveWrites<Date>["reached"][number];

/** The first write stands: a replayed event never undoes what came later. */
export function insertOnce(
  document: ArchivedMessage<Date> | ArchivedConversation<Date> | ArchivedReport<Date>,
): Upsert {
  const { _id, ...fields } = document;
  return { updateOne: { filter: { _id }, update: { $setOnInsert: fields }, upsert: true } };
}

/** Only if nobody has changed the document since it was read: two bridges may be at work. */
export function replaceState(
  { _id, appliedSeq }: { _id: string; appliedSeq: number },
  changed: Record<string, unknown>,
): Upsert {
  return {
    updateOne: { filter: { _id, appliedSeq }, update: { $set: changed }, upsert: false },
  };
}

export function raiseReceipt({
  _id,
  conversationId,
  userId,
  ...cursors
}: ArchivedReceipt<Date>): Upsert {
  const update = { $setOnInsert: { conversationId, userId }, $max: cursors };
  return { updateOne: { filter: { _id }, update, upsert: true } };
}

/** No upsert: a document made here would keep the founding, which is the first event, from being inserted. */
export function touch({ conversationId, updatedAt }: Reached): Upsert {
  return {
    updateOne: { filter: { _id: conversationId }, update: { $max: { updatedAt } }, upsert: false },
  };
}

export function advance({ conversationId, archivedSeq }: Reached): Upsert {
  return {
    updateOne: { filter: { _id: conversationId }, update: { $max: { archivedSeq } }, upsert: true },
  };
}
