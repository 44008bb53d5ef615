import type { Visibility } from "../../core/visibility.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import type { TalliedSql } from "../storage/tallied-sql.ts";

/** How long a client may ask what left its list; whoever was away longer loads the list anew. */
const DEPARTURES_KEPT_MS = 90 * 86_400_000;

/** Which conversations a user belongs to, and which not any more. */
export class InboxMembership {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  /** The conversation gets `visibility` in the answer to this. */
  put(conversationId: ConversationId, at: number, visibility: Visibility): void {
    const written = this.#sql.write(
      `INSERT INTO membership (conversation_id, joined_at, visibility) VALUES (?, ?, ?)
       ON CONFLICT DO NOTHING`,
      conversationId,
      at,
      visibility,
    );
    if (written > 0) {
      this.#sql.write("DELETE FROM departure WHERE conversation_id = ?", conversationId);
    }
  }

  remove(conversationId: ConversationId, now: number): void {
    this.#sql.write("DELETE FROM membership WHERE conversation_id = ?", conversationId);
    this.#sql.write("DELETE FROM departure WHERE at < ?", now - DEPARTURES_KEPT_MS);
    this.#sql.write(
      `INSERT INTO departure (conversation_id, at) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET at = excluded.at`,
      conversationId,
      now,
    );
  }

  has(conversationId: ConversationId): boolean {
    return this.#sql.has("SELECT 1 FROM membership WHERE conversation_id = ?", conversationId);
  }

  all(): ConversationId[] {
    return this.#sql
      .exec<{ id: ConversationId }>(
        "SELECT conversation_id AS id FROM membership ORDER BY joined_at DESC, conversation_id",
      )
      .toArray()
      .map(({ id }) => id);
  }

  /** Conversations that do not know of this visibility yet. */
  below(visibility: Visibility): ConversationId[] {
    return this.#sql
      .exec<{ id: ConversationId }>(
        `SELECT conversation_id AS id FROM membership WHERE visibility < ?
         ORDER BY joined_at DESC, conversation_id`,
        visibility,
      )
      .toArray()
      .map(({ id }) => id);
  }

  knows(conversationId: ConversationId, visibility: Visibility): void {
    this.#sql.write(
      "UPDATE membership SET visibility = ? WHERE conversation_id = ? AND visibility < ?",
      visibility,
      conversationId,
      visibility,
    );
  }

  departedSince(at: number): string[] {
    return this.#sql
      .exec<{ id: string }>("SELECT conversation_id AS id FROM departure WHERE at >= ?", at)
      .toArray()
      .map(({ id }) => id);
  }
}
