import type { MemberRecord } from "../../../core/conversation.ts";
import { isInvisible, type Visibility } from "../../../core/visibility.ts";
import type { Role } from "../../../protocol/member.ts";
import type { UserId } from "../../../protocol/ids.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { TalliedSql } from "../../storage/tallied-sql.ts";

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

/** Who belongs to the conversation, and who may not. */
export class MemberStore {
  readonly #sql: TalliedSql;
  /** What was asked for since the object woke; null for somebody who is no member. Bounded by who asks. */
  readonly #known = new Map<string, MemberRecord | null>();
  #count: number | null = null;
  #few: readonly MemberRecord[] | null = null;
  #unseen: Set<string> | null = null;
  readonly #slots = new Map<string, number>();
  #nextSlot: number | null = null;

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
    const known = this.slot(member.userId);
    if (known === undefined) this.#unseen?.add(member.userId);
    const slot = known ?? this.#takeSlot();
    this.#forget(member.userId);
    this.#sql.write("DELETE FROM departed WHERE user_id = ?", member.userId);
    this.#sql.write("DELETE FROM kept_mute WHERE user_id = ?", member.userId);
    this.#sql.write(
      `INSERT INTO member (${COLUMNS}, slot) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, role = excluded.role,
         muted_until = excluded.muted_until`,
      member.userId,
      member.name,
      member.role,
      member.joinedAt,
      member.joinedSeq,
      member.historyFrom,
      member.mutedUntil,
      slot,
    );
  }

  drop(userId: string): void {
    this.#forget(userId);
    this.#unseen?.delete(userId);
    this.#sql.write(
      `INSERT INTO kept_mute (user_id, until)
       SELECT user_id, muted_until FROM member WHERE user_id = ? AND muted_until > 0`,
      userId,
    );
    this.#sql.write("DELETE FROM member WHERE user_id = ?", userId);
    this.#sql.write("INSERT INTO departed (user_id) VALUES (?) ON CONFLICT DO NOTHING", userId);
  }

  /** Everybody leaves at once. */
  dropAll(): void {
    this.forgetAll();
    this.#sql.write(
      "INSERT INTO departed (user_id) SELECT user_id FROM member WHERE true ON CONFLICT DO NOTHING",
    );
    this.#sql.write("DELETE FROM member");
  }

  /** Members in the order of their ids after `cursor`, at most `limit`. */
  page(limit: number, cursor = ""): MemberRecord[] {
    return this.#members("WHERE user_id > ? ORDER BY user_id LIMIT ?", cursor, limit);
  }

  /** The members that every welcome names: the first ones. */
  named(): readonly MemberRecord[] {
    return this.few().slice(0, LIMITS.namedMembers);
  }

  /** As many as a small conversation has at most: all of its members, the first ones of a large one. */
  few(): readonly MemberRecord[] {
    this.#few ??= this.page(LIMITS.smallConversation);
    return this.#few;
  }

  /** The member's place in the receipt chunks; it keeps it as long as it is one. */
  slot(userId: string): number | undefined {
    const known = this.#slots.get(userId);
    if (known !== undefined) return known;
    const found = this.#sql
      .exec<{ slot: number }>("SELECT slot FROM member WHERE user_id = ?", userId)
      .toArray()[0]?.slot;
    if (found !== undefined) this.#slots.set(userId, found);
    return found;
  }

  count(): number {
    this.#count ??= this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM member").one().n;
    return this.#count;
  }

  /** Whether the members are too many to be told of each other one by one. */
  get isLarge(): boolean {
    return this.count() > LIMITS.smallConversation;
  }

  countRole(role: Role): number {
    return this.#sql
      .exec<{ n: number }>("SELECT count(*) AS n FROM member WHERE role = ?", role)
      .one().n;
  }

  isBanned(userId: string): boolean {
    return this.#sql.has("SELECT 1 FROM ban WHERE user_id = ?", userId);
  }

  /** The end of the mute that somebody has left with; it may be over. */
  keptMute(userId: string): number {
    const [kept] = this.#sql
      .exec<{ until: number }>("SELECT until FROM kept_mute WHERE user_id = ?", userId)
      .toArray();
    return kept?.until ?? 0;
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

  /** The member's Inbox knows of the conversation, and this is what it answered. */
  markAnnounced(userId: UserId, visibility: Visibility): void {
    this.#sql.write(
      "UPDATE member SET announced = 1, visibility = max(visibility, ?) WHERE user_id = ?",
      visibility,
      userId,
    );
    this.#lookAt(userId);
  }

  /** An older one than is known changes nothing. */
  setVisibility(userId: UserId, visibility: Visibility): void {
    this.#sql.write(
      "UPDATE member SET visibility = ? WHERE user_id = ? AND visibility < ?",
      visibility,
      userId,
      visibility,
    );
    this.#lookAt(userId);
  }

  /** Members who are invisible, or whose Inbox has not said yet that they are not. */
  get unseen(): ReadonlySet<string> {
    this.#unseen ??= new Set(this.#unseenMembers(""));
    return this.#unseen;
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

  /** After everybody left, or a transaction that was undone, nothing remembered can be trusted. */
  forgetAll(): void {
    this.#known.clear();
    this.#slots.clear();
    this.#nextSlot = null;
    this.#count = null;
    this.#few = null;
    this.#unseen = null;
  }

  /** The next place that nobody has had since the object woke: looking it up reads every member. */
  #takeSlot(): number {
    const next =
      this.#nextSlot ??
      this.#sql.exec<{ n: number }>("SELECT coalesce(max(slot), -1) + 1 AS n FROM member").one().n;
    this.#nextSlot = next + 1;
    return next;
  }

  #forget(userId: string): void {
    this.#known.delete(userId);
    this.#slots.delete(userId);
    this.#count = null;
    this.#few = null;
  }

  /** In place: a look at all members for each of many who come would be a long one. */
  #lookAt(userId: string): void {
    this.#unseen?.delete(userId);
    for (const unseen of this.#unseenMembers("AND user_id = ?", userId)) this.#unseen?.add(unseen);
  }

  #unseenMembers(and: string, ...bindings: SqlStorageValue[]): string[] {
    return this.#sql
      .exec<{ userId: string; announced: number; visibility: number }>(
        `SELECT user_id AS userId, announced, visibility FROM member
         WHERE (announced = 0 OR visibility > 0) ${and}`,
        ...bindings,
      )
      .toArray()
      .filter(({ announced, visibility }) => announced === 0 || isInvisible(visibility))
      .map(({ userId }) => userId);
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
