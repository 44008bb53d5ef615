import type { Visibility } from "../../../core/visibility.ts";
import type { TalliedSql } from "../../storage/tallied-sql.ts";

/** Whom members have blocked, here or not, as their Inboxes say. Rule LIV-6. */
export class BlockStore {
  readonly #sql: TalliedSql;
  /** Nobody here has blocked anybody, as in most conversations: then nothing is looked up. */
  #isEmpty: boolean | null = null;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  /** Answers whether anything is different now; an older list than is known changes nothing. */
  set(userId: string, visibility: Visibility, blocked: readonly string[]): boolean {
    const written = this.#sql.write(
      `INSERT INTO block_list (user_id, visibility) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET visibility = excluded.visibility WHERE visibility < excluded.visibility`,
      userId,
      visibility,
    );
    if (written === 0) return false;
    const ids = JSON.stringify(blocked);
    const lifted = this.#sql.write(
      `DELETE FROM block WHERE user_id = ?1
       AND blocked_id NOT IN (SELECT value FROM json_each(?2))`,
      userId,
      ids,
    );
    const placed = this.#sql.write(
      `INSERT INTO block (user_id, blocked_id) SELECT ?1, value FROM json_each(?2) WHERE true
       ON CONFLICT DO NOTHING`,
      userId,
      ids,
    );
    this.#isEmpty = null;
    return lifted + placed > 0;
  }

  /** A member has left: his Inbox says nothing of him here any more. */
  drop(userId: string): void {
    this.#sql.write("DELETE FROM block WHERE user_id = ?", userId);
    this.#sql.write("DELETE FROM block_list WHERE user_id = ?", userId);
    this.#isEmpty = null;
  }

  dropAll(): void {
    this.#sql.write("DELETE FROM block");
    this.#sql.write("DELETE FROM block_list");
    this.#isEmpty = null;
  }

  /** After a transaction that was undone. */
  forget(): void {
    this.#isEmpty = null;
  }

  get isEmpty(): boolean {
    this.#isEmpty ??= !this.#sql.has("SELECT 1 FROM block");
    return this.#isEmpty;
  }

  /** Members whom this user has blocked. */
  blockedBy(userId: string): ReadonlySet<string> {
    return this.#users(
      `SELECT blocked_id AS userId FROM block
       WHERE user_id = ? AND blocked_id IN (SELECT user_id FROM member)`,
      userId,
    );
  }

  /** Members who have blocked this user; in a direct conversation that is the other one. */
  blockersOf(userId: string): ReadonlySet<string> {
    return this.#users("SELECT user_id AS userId FROM block WHERE blocked_id = ?", userId);
  }

  #users(query: string, userId: string): ReadonlySet<string> {
    if (this.isEmpty) return NOBODY;
    const rows = this.#sql.exec<{ userId: string }>(query, userId).toArray();
    return new Set(rows.map((row) => row.userId));
  }
}

const NOBODY: ReadonlySet<string> = new Set();
