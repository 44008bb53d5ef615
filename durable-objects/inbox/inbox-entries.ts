import type { ConversationType } from "../../protocol/event.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { entryText, preferencesOf, type ListedEntry } from "./inbox-list.ts";
import type { InboxMembership } from "./inbox-membership.ts";
import type { Poke } from "../../edge/rpc/inbox-rpc.ts";
import type { TalliedSql } from "../storage/tallied-sql.ts";

/** A row of the list, with the user's own preferences. */
interface EntryRow extends Record<string, SqlStorageValue> {
  conversationId: ConversationId;
  upkeep: Poke["upkeep"];
  type: ConversationType;
  activityAt: number;
  unread: number;
  summary: string;
  /** The later of the entry's change and of the preferences'. */
  changedAt: number;
  muted: number;
  pinned: number;
  archived: number;
  markedUnread: number;
}

const SELECT = `SELECT entry.conversation_id AS conversationId, upkeep, type, activity_at AS activityAt, unread, summary,
    max(entry.changed_at, coalesce(preference.changed_at, 0)) AS changedAt,
    coalesce(muted, 0) AS muted, coalesce(pinned, 0) AS pinned, coalesce(archived, 0) AS archived,
    coalesce(marked_unread, 0) AS markedUnread
  FROM entry JOIN membership USING (conversation_id) LEFT JOIN preference USING (conversation_id)`;

/**
 * What Conversations said of themselves. A state that is older than the one held is not taken. Rule INB-1. The rows are
 * read once after the object wakes, and each again when it changes, so that a list of hundreds costs no more than a
 * copy of its bytes.
 */
export class InboxEntries {
  readonly #sql: TalliedSql;
  readonly #membership: InboxMembership;
  /** Of this waking: versions of another one say nothing. */
  readonly #waking = crypto.randomUUID();
  #version = 0;
  #rows: Map<ConversationId, ListedEntry> | null = null;
  /** Conversations of the user that have told nothing yet. */
  readonly #untold = new Set<ConversationId>();
  #sorted: readonly ListedEntry[] | null = null;

  constructor(sql: TalliedSql, membership: InboxMembership) {
    this.#sql = sql;
    this.#membership = membership;
  }

  /** Another one whenever the list is another one. */
  get tag(): string {
    return `${this.#waking}.${this.#version}`;
  }

  /** False for an older state than the one that is held. */
  put(poke: Poke, now: number): boolean {
    const written = this.#sql.write(
      `INSERT INTO entry (conversation_id, head, stamp, upkeep, present, type, activity_at, unread, summary, changed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (conversation_id) DO UPDATE SET head = excluded.head, stamp = excluded.stamp,
         upkeep = excluded.upkeep, present = excluded.present, type = excluded.type,
         activity_at = excluded.activity_at, unread = excluded.unread, summary = excluded.summary,
         changed_at = iif(excluded.summary = summary, changed_at, excluded.changed_at)
       WHERE excluded.head > head OR (excluded.head = head AND excluded.stamp > stamp)`,
      poke.conversationId,
      poke.head,
      poke.stamp,
      poke.upkeep,
      poke.present ? 1 : 0,
      poke.type,
      poke.activityAt,
      poke.unread,
      poke.summary,
      now,
    );
    return written > 0;
  }

  drop(conversationId: ConversationId): void {
    this.#sql.write("DELETE FROM entry WHERE conversation_id = ?", conversationId);
  }

  /** The entry, the membership or the preferences of this conversation are others now. */
  changed(conversationId: ConversationId): void {
    if (this.#rows === null) return;
    const [row] = this.#sql
      .exec<EntryRow>(`${SELECT} WHERE entry.conversation_id = ?`, conversationId)
      .toArray();
    const [before, after] = [this.#rows.get(conversationId), row && listed(row)];
    if (after === undefined) this.#rows.delete(conversationId);
    else this.#rows.set(conversationId, after);
    if (after === undefined && this.#membership.has(conversationId))
      this.#untold.add(conversationId);
    else this.#untold.delete(conversationId);
    this.#sorted = null;
    if (!areSame(before?.json, after?.json)) this.#version++;
  }

  /** Every entry, newest activity first. */
  all(): readonly ListedEntry[] {
    this.#sorted ??= [...this.#load().values()].toSorted(
      (one, other) =>
        other.activityAt - one.activityAt || (one.conversationId < other.conversationId ? -1 : 1),
    );
    return this.#sorted;
  }

  /** Conversations whose state has to be asked for, or was never told. */
  toAsk(): ConversationId[] {
    const asked = [...this.#load().values()].filter(({ upkeep }) => upkeep !== "kept");
    return [...asked.map(({ conversationId }) => conversationId), ...this.#untold];
  }

  /** Conversations that the user follows live, which do not tell of what changes; newest activity first. */
  live(limit: number): ConversationId[] {
    return this.all()
      .filter(({ upkeep }) => upkeep === "live")
      .slice(0, limit)
      .map(({ conversationId }) => conversationId);
  }

  /** Where the user has a direct socket, as far as is known. */
  present(): ConversationId[] {
    return this.#sql
      .exec<{ id: ConversationId }>("SELECT conversation_id AS id FROM entry WHERE present = 1")
      .toArray()
      .map(({ id }) => id);
  }

  #load(): Map<ConversationId, ListedEntry> {
    if (this.#rows !== null) return this.#rows;
    const rows = this.#sql.exec<EntryRow>(SELECT).toArray();
    this.#rows = new Map(rows.map((row) => [row.conversationId, listed(row)]));
    for (const id of this.#membership.all()) {
      if (!this.#rows.has(id)) this.#untold.add(id);
    }
    return this.#rows;
  }
}

function listed(row: EntryRow): ListedEntry {
  const { conversationId, upkeep, type, activityAt, unread, changedAt, summary } = row;
  const preferences = preferencesOf(row);
  const { archived, markedUnread } = preferences;
  const json = new TextEncoder().encode(entryText(summary, preferences));
  return {
    conversationId,
    upkeep,
    type,
    activityAt,
    unread,
    changedAt,
    archived,
    markedUnread,
    json,
  };
}

function areSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
