import { refusal, type Refusal } from "../protocol/error-codes.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { Actor, Change, MessageChange, OtherChange } from "./changes/change.ts";
import { decide } from "./changes/decide.ts";
import { maySend } from "./changes/write-rules.ts";
import type { Consequence, ConversationReader, Effect } from "./conversation.ts";
import { changeBodyText, type LogRow } from "./event-text.ts";

/** What the sequencer needs of a log. Synchronous: the caller runs it inside one transaction. */
export interface LogWriter {
  /** Stores the row unless its sender has used the key before; says whether it did. */
  insert(row: LogRow): boolean;
  /** The row of an earlier change; undefined when the key is new. */
  find(senderId: string, clientMessageId: string): Stored | undefined;
  /** Changes what stands beside the log. */
  apply(effect: Effect, row: LogRow): void;
}

export type ConversationPort = ConversationReader & LogWriter;

/** Where a change stands in the log. */
export interface Stored {
  seq: number;
  at: number;
}

export interface KeyedChange {
  clientMessageId: string;
  change: Change;
}

/** One change that waits for its place in the order, or messages that are stored together or not at all. */
export interface PendingAppend {
  actor: Actor;
  changes: readonly [KeyedChange, ...KeyedChange[]];
  /** Only if the log ends here. Rule SND-4. */
  ifLastSeq?: number | undefined;
}

/** Where the log ends: the last seq given out and the time it carries. */
export interface LogEnd {
  head: number;
  at: number;
}

/** `repeated`: an earlier change with the same key stands there, or nothing was left to change. */
export type Placed = Stored & { repeated: boolean };

export interface AppendedGroup {
  /** New rows, consecutive from the old head + 1. */
  rows: LogRow[];
  /** One for each append, in its order: a place for each of its changes, or why there is none. */
  outcomes: Result<Placed[], Refusal>[];
  effects: Effect[];
  end: LogEnd;
}

/**
 * Gives every change of a group its place: the next seq, or the first one again for a repeated key (ORD-2, ORD-3).
 * Times never run backwards, whatever the clock does (ORD-4). A refused append leaves no trace.
 */
export function appendGroup(
  conversation: ConversationPort,
  end: LogEnd,
  appends: readonly PendingAppend[],
  now: number,
): AppendedGroup {
  const group = new Group(conversation, end, now);
  const outcomes = appends.map((append) => group.place(append));
  const { rows, effects } = group;
  return { rows, outcomes, effects, end: group.end };
}

class Group {
  readonly rows: LogRow[] = [];
  readonly effects: Effect[] = [];
  end: LogEnd;
  readonly #conversation: ConversationPort;
  readonly #now: number;

  constructor(conversation: ConversationPort, end: LogEnd, now: number) {
    this.#conversation = conversation;
    this.#now = Math.max(now, end.at);
    this.end = end;
  }

  place({ actor, changes, ifLastSeq }: PendingAppend): Result<Placed[], Refusal> {
    if (ifLastSeq !== undefined && ifLastSeq !== this.end.head) {
      return this.#known(actor, changes) ?? fail(lateBy(this.end.head));
    }
    const [first] = changes;
    if (changes.length > 1) return this.#placeBatch(actor, changes);
    const { change, clientMessageId } = first;
    return change.type === "message"
      ? this.#placeMessage(actor, clientMessageId, change)
      : this.#placeOther(actor, first, change);
  }

  /** The way nearly everything goes: the insert itself finds out whether the key was used before. */
  #placeMessage(
    actor: Actor,
    clientMessageId: string,
    change: MessageChange,
  ): Result<Placed[], Refusal> {
    const refused = maySend(this.#conversation, actor, this.#now);
    if (refused !== null) return this.#knownKey(actor, clientMessageId) ?? fail(refused);
    const row = this.#row(actor, clientMessageId, change);
    if (this.#conversation.insert(row)) return ok([this.#took(row)]);
    const known = this.#knownKey(actor, clientMessageId);
    if (known === null) throw new Error("a message was neither stored nor known");
    return known;
  }

  #placeOther(
    actor: Actor,
    { clientMessageId }: KeyedChange,
    change: OtherChange,
  ): Result<Placed[], Refusal> {
    const known = this.#knownKey(actor, clientMessageId);
    if (known !== null) return known;
    const moment = { now: this.#now, head: this.end.head };
    const decided = decide(this.#conversation, actor, change, moment);
    if (!decided.ok) return decided;
    if (decided.value.type === "unchanged") {
      return ok([{ seq: this.end.head, at: this.end.at, repeated: true }]);
    }
    const { further = [], ...first } = decided.value;
    const placed = this.#enact(actor, clientMessageId, first);
    for (const consequence of further) this.#enact(actor, null, consequence);
    return ok([placed]);
  }

  #enact(actor: Actor, clientMessageId: string | null, { event, effects }: Consequence): Placed {
    const { type } = event;
    const row = this.#row(actor, clientMessageId, {
      type,
      body: changeBodyText(event),
      mentions: null,
    });
    if (!this.#conversation.insert(row)) throw new Error("a new key was taken");
    for (const effect of effects) this.#conversation.apply(effect, row);
    this.effects.push(...effects);
    return this.#took(row);
  }

  /** Messages only: nothing that one of them does can make a later one impossible. Rule SND-5. */
  #placeBatch(actor: Actor, changes: readonly KeyedChange[]): Result<Placed[], Refusal> {
    const known = this.#known(actor, changes);
    if (known !== null) return known;
    const refused = maySend(this.#conversation, actor, this.#now);
    if (refused !== null) return fail(refused);
    const keys = new Set(changes.map(({ clientMessageId }) => clientMessageId));
    if (keys.size < changes.length) {
      return fail(refusal("INVALID_DATA", "each message of a batch needs a key of its own"));
    }
    const isUsed = changes.some(
      ({ clientMessageId }) => this.#knownKey(actor, clientMessageId) !== null,
    );
    if (isUsed) return fail(refusal("CONFLICT", "some messages of the batch were sent before"));
    return ok(
      changes.map(({ clientMessageId, change }) => this.#insert(actor, clientMessageId, change)),
    );
  }

  #insert(actor: Actor, clientMessageId: string, change: Change): Placed {
    if (change.type !== "message") throw new Error("a batch holds messages only");
    const row = this.#row(actor, clientMessageId, change);
    if (!this.#conversation.insert(row)) throw new Error("a new key was taken");
    return this.#took(row);
  }

  /** The first places of changes whose keys are all known; null when one is new. */
  #known(actor: Actor, changes: readonly KeyedChange[]): Result<Placed[], Refusal> | null {
    const places: Placed[] = [];
    for (const { clientMessageId } of changes) {
      const stored = this.#conversation.find(actor.userId, clientMessageId);
      if (stored === undefined) return null;
      places.push({ ...stored, repeated: true });
    }
    return ok(places);
  }

  #knownKey(actor: Actor, clientMessageId: string): Result<Placed[], Refusal> | null {
    const stored = this.#conversation.find(actor.userId, clientMessageId);
    return stored === undefined ? null : ok([{ ...stored, repeated: true }]);
  }

  #row(
    actor: Actor,
    clientMessageId: string | null,
    { type, body, mentions }: { type: LogRow["type"]; body: string; mentions: string | null },
  ): LogRow {
    return {
      seq: this.end.head + 1,
      at: this.#now,
      type,
      senderId: actor.userId,
      clientMessageId,
      body,
      version: 1,
      editedAt: null,
      deletedAt: null,
      mentions,
      traceparent: actor.traceparent ?? null,
    };
  }

  #took(row: LogRow): Placed {
    this.rows.push(row);
    this.end = { head: row.seq, at: row.at };
    return { seq: row.seq, at: row.at, repeated: false };
  }
}

function lateBy(head: number): Refusal {
  return { ...refusal("CONFLICT", "something came in between"), lastSeq: head };
}
