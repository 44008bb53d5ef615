import type { ConversationType } from "../protocol/event.ts";
import type { ConversationId } from "../protocol/ids.ts";
import type { Poke } from "./inbox-rpc.ts";
import type { TalliedSql } from "./tallied-sql.ts";

/** A row of the list, with the user's own preferences. */
export interface EntryRow extends Record<string, SqlStorageValue> {
  conversationId: ConversationId;
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

/** What Conversations said of themselves. A state that is older than the one held is not taken. Rule INB-1. */
export class InboxEntries {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
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

  /** Every entry, newest activity first. */
  all(): EntryRow[] {
    return this.#sql
      .exec<EntryRow>(
        `SELECT entry.conversation_id AS conversationId, type, activity_at AS activityAt, unread, summary,
           max(entry.changed_at, coalesce(preference.changed_at, 0)) AS changedAt,
           coalesce(muted, 0) AS muted, coalesce(pinned, 0) AS pinned, coalesce(archived, 0) AS archived,
           coalesce(marked_unread, 0) AS markedUnread
         FROM entry JOIN membership USING (conversation_id) LEFT JOIN preference USING (conversation_id)
         ORDER BY activity_at DESC, entry.conversation_id`,
      )
      .toArray();
  }

  /** Conversations whose state has to be asked for, or was never told. */
  toAsk(): ConversationId[] {
    return this.#ids(
      `SELECT conversation_id AS id FROM membership LEFT JOIN entry USING (conversation_id)
       WHERE upkeep IS NULL OR upkeep <> 'kept'`,
    );
  }

  /** Conversations that the user follows live, which do not tell of what changes. */
  live(limit: number): ConversationId[] {
    return this.#ids(
      `SELECT conversation_id AS id FROM entry WHERE upkeep = 'live'
       ORDER BY activity_at DESC LIMIT ${limit}`,
    );
  }

  /** Where the user has a direct socket, as far as is known. */
  present(): ConversationId[] {
    return this.#ids("SELECT conversation_id AS id FROM entry WHERE present = 1");
  }

  #ids(query: string): ConversationId[] {
    return this.#sql
      .exec<{ id: ConversationId }>(query)
      .toArray()
      .map(({ id }) => id);
  }
}
