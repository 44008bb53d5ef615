import type { LogEntry } from "../../protocol/log-page.ts";
import { messageIdOf, type ConversationId } from "../../protocol/ids.ts";
import type { OutboxEvent } from "../../protocol/outbox-frames.ts";
import {
  archivedMessage,
  conversationDocument,
  type ArchivedConversation,
} from "./archive-document.ts";
import {
  foldConversation,
  isConversationChange,
  isMessageChange,
  targetsOf,
  type MessageChange,
} from "./archive-fold.ts";

/** A document as it was found: any fields, moments as epoch ms. */
export type FoundDocument = Readonly<Record<string, unknown>>;

/** What the archive holds of one page: messages of the page and messages that its changes name, by `_id`. */
export interface FoundDocuments {
  messages: ReadonlyMap<string, FoundDocument>;
  /** The conversation's own. */
  conversation: FoundDocument | null;
}

/** The first place at which the archive is not what the log says. */
export interface Difference {
  seq: number;
  problem: string;
}

const toMs = (at: number) => at;

/**
 * Compares one conversation's archive with its log, page by page from the founding on. It holds the conversation's
 * expected document and nothing of messages, so its memory is bounded by a page. What a message must come to is known
 * from its own entry, which the edge gives as it stands, and from each of its changes.
 */
export class ConversationAudit {
  readonly #id: ConversationId;
  #expected: ArchivedConversation<number> | null = null;

  constructor(id: ConversationId) {
    this.#id = id;
  }

  /** The messages that these entries are about. */
  documentIds(entries: readonly LogEntry[]): string[] {
    const seqs = entries.flatMap(({ event }) => {
      if (event.type === "message") return [event.seq];
      return isMessageChange(event) ? targetsOf(event) : [];
    });
    return [...new Set(seqs)].map((seq) => messageIdOf(this.#id, seq));
  }

  /** Null when the archive has these entries and no others; asking again, with what is found later, changes nothing. */
  firstDifference(entries: readonly LogEntry[], found: FoundDocuments): Difference | null {
    const unknown = firstUnknown(entries, found);
    for (const entry of entries) {
      const { seq } = entry.event;
      if (seq === unknown) return { seq, problem: UNKNOWN };
      const problem = this.#problemOf(entry, found);
      if (problem !== null) return { seq, problem };
    }
    return null;
  }

  /** The archive has these entries: the next ones follow. */
  passed(entries: readonly LogEntry[]): void {
    for (const { event } of entries) this.#expected = this.#folded(event);
  }

  /** Of the conversation's own document, once everything has passed. */
  lastDifference({ conversation }: FoundDocuments): Difference | null {
    const expected = this.#expected;
    if (expected === null || conversation === null) return null;
    if (Number(conversation["appliedSeq"]) > expected.appliedSeq)
      return {
        seq: expected.appliedSeq,
        problem: "the conversation's document is ahead of its log",
      };
    const problem = differingFields(expected, conversation);
    return problem === null ? null : { seq: expected.appliedSeq, problem };
  }

  #folded(event: OutboxEvent): ArchivedConversation<number> | null {
    if (event.type === "founded") return conversationDocument(this.#id, event, toMs);
    if (this.#expected === null || !isConversationChange(event)) return this.#expected;
    return foldConversation(this.#expected, event, toMs);
  }

  #problemOf(entry: LogEntry, { messages, conversation }: FoundDocuments): string | null {
    const { event } = entry;
    if (event.type === "message") {
      const document = messages.get(messageIdOf(this.#id, event.seq));
      return document === undefined ? "missing" : this.#messageProblem(entry, event, document);
    }
    if (isMessageChange(event)) {
      for (const seq of targetsOf(event)) {
        const document = messages.get(messageIdOf(this.#id, seq));
        if (document === undefined) continue; // the earlier difference
        const problem = changeProblem(entry, event, document);
        if (problem !== null) return problem;
      }
      return null;
    }
    if (conversation === null) return "missing";
    if (event.type === "founded" || isConversationChange(event))
      return Number(conversation["appliedSeq"]) < event.seq ? "missing" : null;
    return null;
  }

  #messageProblem(
    { versions = 0, reactions = 0 }: LogEntry,
    event: Extract<OutboxEvent, { type: "message" }>,
    document: FoundDocument,
  ): string | null {
    const expected = archivedMessage(this.#id, event, toMs);
    return (
      differingFields(expected, document) ??
      (listOf(document["history"]).length === versions ? null : "differs: history") ??
      (listOf(document["reactions"]).length === reactions ? null : "differs: reactions")
    );
  }
}

/** What is to be said of a message that no log has. */
export const UNKNOWN = "not in the log";

/** The first place among the entries where the archive has a message and the log has none. */
function firstUnknown(entries: readonly LogEntry[], { messages }: FoundDocuments): number | null {
  const others = new Set(
    entries.flatMap(({ event }) => (event.type === "message" ? [] : [event.seq])),
  );
  const seqs = [...messages.values()]
    .map(({ seq }) => Number(seq))
    .filter((seq) => others.has(seq));
  return seqs.length === 0 ? null : Math.min(...seqs);
}

/** Each version that the log ended must be in the history, and each reaction as it stands. */
function changeProblem(
  { stands }: LogEntry,
  event: MessageChange,
  document: FoundDocument,
): string | null {
  if (Number(document["appliedSeq"]) < event.seq) return "missing";
  if (event.type === "reaction") {
    const { emoji, senderId: userId } = event;
    return hasItem(document["reactions"], { emoji, userId }) === (stands ?? event.active)
      ? null
      : "differs: reactions";
  }
  // what the others change, the message itself says
  const replaced = "replaced" in event ? event.replaced : undefined;
  if (replaced === undefined) return null;
  return hasItem(document["history"], replaced) ? null : "differs: history";
}

/** Fields that are compared by the changes that make them, or are the archive's own. */
const BY_CHANGES: ReadonlySet<string> = new Set(["appliedSeq", "history", "reactions"]);

function differingFields(expected: object, document: FoundDocument): string | null {
  const names = Object.entries(expected)
    .filter(([name, value]) => !BY_CHANGES.has(name) && !isSameField(name, value, document[name]))
    .map(([name]) => name);
  return names.length === 0 ? null : `differs: ${names.join(", ")}`;
}

/** Files are gone in the order of the events there, and here in that of the message. */
function isSameField(name: string, one: unknown, other: unknown): boolean {
  if (name !== "deletedAttachments") return isSame(one, other);
  const missing = listOf(one).filter((item) => !hasItem(other, item));
  return missing.length === 0 && listOf(one).length === listOf(other).length;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function hasItem(list: unknown, expected: unknown): boolean {
  return listOf(list).some((item) => isSame(expected, item));
}

/** Deep equality. Nothing, null and an empty list are one: work-alikes of MongoDB do not keep them apart. */
function isSame(one: unknown, other: unknown): boolean {
  if (isNothing(one) || isNothing(other)) return isNothing(one) && isNothing(other);
  if (typeof one === "string" && typeof other === "string")
    return one.toWellFormed() === other.toWellFormed();
  if (typeof one !== "object" || typeof other !== "object") return Object.is(one, other);
  const names = new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})]);
  return [...names].every((name) => isSame(field(one, name), field(other, name)));
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function field(value: object | null, name: string): unknown {
  return value === null ? undefined : Reflect.get(value, name);
}
