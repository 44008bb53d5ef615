import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type { Preferences } from "../../edge/rpc/inbox-rpc.ts";
import { preferencesOf } from "./inbox-list.ts";
import type { TalliedSql } from "../storage/tallied-sql.ts";

const DEFAULTS: Preferences = { muted: false, pinned: false, archived: false, markedUnread: false };

type SettingKey = "lastSeen" | "invisible" | "reconciledAt" | "suspendedUntil";

/** What a user decided: over conversations, over people, over being seen. */
export class InboxSettings {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  of(conversationId: ConversationId): Preferences {
    const [row] = this.#sql
      .exec<{ muted: number; pinned: number; archived: number; markedUnread: number }>(
        `SELECT muted, pinned, archived, marked_unread AS markedUnread FROM preference
         WHERE conversation_id = ?`,
        conversationId,
      )
      .toArray();
    return row === undefined ? DEFAULTS : preferencesOf(row);
  }

  /** What is left out stays. */
  prefer(conversationId: ConversationId, change: Partial<Preferences>, now: number): Preferences {
    const after = { ...this.of(conversationId), ...change };
    this.#sql.write(
      `INSERT INTO preference (conversation_id, muted, pinned, archived, marked_unread, changed_at)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET muted = excluded.muted, pinned = excluded.pinned, archived = excluded.archived,
         marked_unread = excluded.marked_unread, changed_at = excluded.changed_at`,
      conversationId,
      after.muted ? 1 : 0,
      after.pinned ? 1 : 0,
      after.archived ? 1 : 0,
      after.markedUnread ? 1 : 0,
      now,
    );
    return after;
  }

  /** A message takes a conversation that was archived before it out of the archive, unless it is muted. */
  unarchive(conversationId: ConversationId, messageAt: number, now: number): void {
    this.#sql.write(
      `UPDATE preference SET archived = 0, changed_at = ?
       WHERE conversation_id = ? AND archived = 1 AND muted = 0 AND changed_at < ?`,
      now,
      conversationId,
      messageAt,
    );
  }

  /** Reading takes the mark away. */
  clearMark(conversationId: ConversationId, now: number): void {
    this.#sql.write(
      `UPDATE preference SET marked_unread = 0, changed_at = ?
       WHERE conversation_id = ? AND marked_unread = 1`,
      now,
      conversationId,
    );
  }

  forget(conversationId: ConversationId): void {
    this.#sql.write("DELETE FROM preference WHERE conversation_id = ?", conversationId);
  }

  /** Answers whether anything is different now. */
  setBlocked(userId: UserId, active: boolean, now: number): boolean {
    const written = active
      ? this.#sql.write(
          "INSERT INTO blocked (user_id, at) VALUES (?, ?) ON CONFLICT DO NOTHING",
          userId,
          now,
        )
      : this.#sql.write("DELETE FROM blocked WHERE user_id = ?", userId);
    return written > 0;
  }

  blocked(): { userId: UserId; at: number }[] {
    return this.#sql
      .exec<{ userId: UserId; at: number }>(
        "SELECT user_id AS userId, at FROM blocked ORDER BY at, user_id",
      )
      .toArray();
  }

  hasBlocked(userId: UserId): boolean {
    return this.#sql.has("SELECT 1 FROM blocked WHERE user_id = ?", userId);
  }

  get(key: SettingKey): number | null {
    const [row] = this.#sql
      .exec<{ value: number }>("SELECT value FROM setting WHERE key = ?", key)
      .toArray();
    return row?.value ?? null;
  }

  set(key: SettingKey, value: number): void {
    this.#sql.write(
      `INSERT INTO setting (key, value) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value`,
      key,
      value,
    );
  }
}
