import type { Member } from "../protocol/event.ts";
import type { UserId } from "../protocol/ids.ts";

/** Who belongs to the conversation. */
export class MemberStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(member: Member, joinedAt: number): void {
    this.#sql.exec(
      "INSERT INTO member (user_id, name, role, joined_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      member.userId,
      member.name,
      member.role,
      joinedAt,
    );
  }

  find(userId: string): Member | undefined {
    return this.#members("WHERE user_id = ?", userId)[0];
  }

  /** Members in the order of their ids, at most `limit`. */
  first(limit: number): Member[] {
    return this.#members("ORDER BY user_id LIMIT ?", limit);
  }

  count(): number {
    return this.#sql.exec<{ count: number }>("SELECT count(*) AS count FROM member").one().count;
  }

  /** Members whose Inbox has not heard of the conversation yet. */
  unannounced(limit: number): { userId: UserId; joinedAt: number }[] {
    return this.#sql
      .exec<{ user_id: UserId; joined_at: number }>(
        "SELECT user_id, joined_at FROM member WHERE announced = 0 LIMIT ?",
        limit,
      )
      .toArray()
      .map((row) => ({ userId: row.user_id, joinedAt: row.joined_at }));
  }

  markAnnounced(userId: UserId): void {
    this.#sql.exec("UPDATE member SET announced = 1 WHERE user_id = ?", userId);
  }

  #members(rest: string, binding: SqlStorageValue): Member[] {
    return this.#sql
      .exec<{ user_id: string; name: string; role: Member["role"] }>(
        `SELECT user_id, name, role FROM member ${rest}`,
        binding,
      )
      .toArray()
      .map((row) => ({ userId: row.user_id, name: row.name, role: row.role }));
  }
}
