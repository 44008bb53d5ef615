import type { MemberRecord } from "../core/conversation.ts";
import type { Role } from "../protocol/member.ts";
import type { UserId } from "../protocol/ids.ts";
import type { TalliedSql } from "./tallied-sql.ts";

type MemberRow = {
  user_id: string;
  name: string;
  role: Role;
  joined_at: number;
  joined_seq: number;
  history_from: number;
  muted_until: number;
};

const COLUMNS = "user_id, name, role, joined_at, joined_seq, history_from, muted_until";

/** Who belongs to the conversation, who may not, and who does not listen to whom. */
export class MemberStore {
  readonly #sql: TalliedSql;
  /** What was asked for since the object woke; null for somebody who is no member. Bounded by who asks. */
  readonly #known = new Map<string, MemberRecord | null>();
  #count: number | null = null;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  find(userId: string): MemberRecord | undefined {
    const known = this.#known.get(userId);
    if (known !== undefined) return known ?? undefined;
    const found = this.#members("WHERE user_id = ?", userId)[0];
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(userId, found ?? null);
    return found;
  }

  /** Adds the member, or changes what is known of one. */
  put(member: MemberRecord): void {
    this.#forget(member.userId);
    this.#sql.write("DELETE FROM departed WHERE user_id = ?", member.userId);
    this.#sql.write(
      `INSERT INTO member (${COLUMNS}, slot)
       VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(slot), -1) + 1 FROM member))
       ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, role = excluded.role,
         muted_until = excluded.muted_until`,
      member.userId,
      member.name,
      member.role,
      member.joinedAt,
      member.joinedSeq,
      member.historyFrom,
      member.mutedUntil,
    );
  }

  drop(userId: string): void {
    this.#forget(userId);
    this.#sql.write("DELETE FROM member WHERE user_id = ?", userId);
    this.#sql.write("INSERT INTO departed (user_id) VALUES (?) ON CONFLICT DO NOTHING", userId);
  }

  /** Members in the order of their ids after `cursor`, at most `limit`. */
  page(limit: number, cursor = ""): MemberRecord[] {
    return this.#members("WHERE user_id > ? ORDER BY user_id LIMIT ?", cursor, limit);
  }

  /** The member's place in the receipt chunks. */
  slot(userId: string): number | undefined {
    return this.#sql
      .exec<{ slot: number }>("SELECT slot FROM member WHERE user_id = ?", userId)
      .toArray()[0]?.slot;
  }

  count(): number {
    this.#count ??= this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM member").one().n;
    return this.#count;
  }

  countRole(role: Role): number {
    return this.#sql
      .exec<{ n: number }>("SELECT count(*) AS n FROM member WHERE role = ?", role)
      .one().n;
  }

  isBanned(userId: string): boolean {
    return this.#sql.exec("SELECT 1 FROM ban WHERE user_id = ?", userId).toArray().length > 0;
  }

  ban(userId: string, active: boolean): void {
    if (active) {
      this.#sql.write("INSERT INTO ban (user_id) VALUES (?) ON CONFLICT DO NOTHING", userId);
    } else {
      this.#sql.write("DELETE FROM ban WHERE user_id = ?", userId);
    }
  }

  banned(): string[] {
    return this.#sql
      .exec<{ user_id: string }>("SELECT user_id FROM ban ORDER BY user_id")
      .toArray()
      .map((row) => row.user_id);
  }

  block(userId: string, blockedId: string, active: boolean): void {
    this.#sql.write(
      active
        ? "INSERT INTO block (user_id, blocked_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
        : "DELETE FROM block WHERE user_id = ? AND blocked_id = ?",
      userId,
      blockedId,
    );
  }

  /** Whether anybody here has blocked this user; in a direct conversation that is the other one. */
  isBlockedByAnybody(userId: string): boolean {
    return this.#sql.exec("SELECT 1 FROM block WHERE blocked_id = ?", userId).toArray().length > 0;
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
    this.#sql.write("UPDATE member SET announced = 1 WHERE user_id = ?", userId);
  }

  /** People who have left and whose Inbox still lists the conversation. */
  departed(limit: number): UserId[] {
    return this.#sql
      .exec<{ user_id: UserId }>("SELECT user_id FROM departed LIMIT ?", limit)
      .toArray()
      .map((row) => row.user_id);
  }

  forgetDeparted(userId: UserId): void {
    this.#sql.write("DELETE FROM departed WHERE user_id = ?", userId);
  }

  /** After a transaction that was undone, nothing remembered can be trusted. */
  forgetAll(): void {
    this.#known.clear();
    this.#count = null;
  }

  #forget(userId: string): void {
    this.#known.delete(userId);
    this.#count = null;
  }

  #members(rest: string, ...bindings: SqlStorageValue[]): MemberRecord[] {
    return this.#sql
      .exec<MemberRow>(`SELECT ${COLUMNS} FROM member ${rest}`, ...bindings)
      .toArray()
      .map((row) => ({
        userId: row.user_id,
        name: row.name,
        role: row.role,
        joinedAt: row.joined_at,
        joinedSeq: row.joined_seq,
        historyFrom: row.history_from,
        mutedUntil: row.muted_until,
      }));
  }
}

/** Members remembered at most; some two megabytes. */
const MOST_KNOWN = 10_000;
