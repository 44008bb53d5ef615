import type { Db, Document } from "mongodb";
import * as v from "valibot";
import {
  foldConversation,
  foldMessage,
  type ConversationChange,
  type MessageChange,
} from "../../core/bridging/archive-fold.ts";
import type { DocumentChanges } from "../../core/bridging/archive-writes.ts";
import { memberSchema } from "../../protocol/member.ts";
import { settingsSchema } from "../../protocol/settings.ts";
import { replaceState, type Archived, type Upsert } from "./mongo-upserts.ts";

/** A document was changed by another bridge between reading and writing it, again and again. */
export class OvertakenError extends Error {
  override readonly name = "OvertakenError";
  readonly code = "CONFLICT";

  shouldRetry(): boolean {
    return true;
  }
}

/** Work-alikes of MongoDB leave out what was inserted as null or as an empty list. */
const dateOrNone = v.optional(v.nullable(v.date()), null);
const textOrNone = v.optional(v.nullable(v.string()), null);
const idsOrNone = v.optional(v.array(v.string()), []);

const messageStateSchema = v.object({
  appliedSeq: v.number(),
  version: v.number(),
  content: v.string(),
  text_content: v.string(),
  editedAt: dateOrNone,
  deletedAt: dateOrNone,
  replyTo: textOrNone,
  attachments: idsOrNone,
  deletedAttachments: idsOrNone,
  attachment_url: textOrNone,
  attachment_filename: textOrNone,
  attachment_mimetype: textOrNone,
  mentions: idsOrNone,
  metadata: v.optional(v.unknown(), null),
  metadataJson: v.exactOptional(v.nullable(v.string())),
  isSpam: v.optional(v.boolean(), false),
  is_spam: v.optional(v.boolean(), false),
  reactions: v.optional(v.array(v.object({ emoji: v.string(), userId: v.string() })), []),
  history: v.optional(
    v.array(v.object({ version: v.number(), content: v.string(), at: v.date() })),
    [],
  ),
});

const conversationStateSchema = v.object({
  appliedSeq: v.number(),
  name: textOrNone,
  avatarFileId: textOrNone,
  members: v.optional(
    v.array(v.object({ ...memberSchema.entries, mutedUntil: v.exactOptional(v.date()) })),
    [],
  ),
  banned: idsOrNone,
  settings: settingsSchema,
  dismissedAt: dateOrNone,
});

const toDate = (at: number) => new Date(at);
/** Two bridges meet at one document for a moment only, while one takes over from the other. */
const ATTEMPTS = 5;

export function foldMessages(
  db: Db,
  changes: readonly DocumentChanges<MessageChange>[],
): Promise<void> {
  const fold = (document: Document, events: readonly MessageChange[]) => {
    const before = v.parse(messageStateSchema, document);
    return {
      before,
      after: events.reduce((state, event) => foldMessage(state, event, toDate), before),
    };
  };
  return foldAll(db, "messages", changes, fold);
}

export function foldConversations(
  db: Db,
  changes: readonly DocumentChanges<ConversationChange>[],
): Promise<void> {
  const fold = (document: Document, events: readonly ConversationChange[]) => {
    const before = v.parse(conversationStateSchema, document);
    return {
      before,
      after: events.reduce((state, event) => foldConversation(state, event, toDate), before),
    };
  };
  return foldAll(db, "conversations", changes, fold);
}

/**
 * Reads the documents, folds the events into them, and writes what has changed, unless somebody else was faster: then
 * it looks again. A document that is not there was refused when it was inserted, and its dead letter points to it.
 */
async function foldAll<Change, State extends { appliedSeq: number }>(
  db: Db,
  collection: string,
  changes: readonly DocumentChanges<Change>[],
  fold: (document: Document, events: readonly Change[]) => { before: State; after: State },
): Promise<void> {
  if (changes.length === 0) return;
  const documents = db.collection<Archived>(collection);
  const events = new Map(changes.map((change) => [change._id, change.events]));
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const writes: Upsert[] = [];
    for await (const document of documents.find({ _id: { $in: [...events.keys()] } })) {
      const { before, after } = fold(document, events.get(document._id) ?? []);
      const id = { _id: document._id, appliedSeq: before.appliedSeq };
      if (after !== before) writes.push(replaceState(id, differences(before, after)));
    }
    if (writes.length === 0) return;
    const { matchedCount } = await documents.bulkWrite(writes, { ordered: false });
    if (matchedCount === writes.length) return;
  }
  throw new OvertakenError(`documents in ${collection} change faster than they can be read`);
}

function differences(before: object, after: object): Record<string, unknown> {
  const old = new Map(Object.entries(before));
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) => old.get(name) !== value),
  );
}
