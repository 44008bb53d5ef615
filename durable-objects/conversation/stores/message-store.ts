import type { MessageVersion, ReactionCount } from "../../../edge/rpc/conversation-rpc.ts";
import type { TalliedSql } from "../../storage/tallied-sql.ts";

/** What stands beside messages: earlier versions, reactions, and who has hidden which. */
export class MessageStore {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  keepVersion(seq: number, old: MessageVersion, replacedBy: number): void {
    this.#sql.write(
      `INSERT INTO version (seq, version, at, content, replaced_by) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
      seq,
      old.version,
      old.at,
      old.content,
      replacedBy,
    );
  }

  versions(seq: number): MessageVersion[] {
    return this.#sql
      .exec<{ version: number; at: number; content: string }>(
        "SELECT version, at, content FROM version WHERE seq = ? ORDER BY version",
        seq,
      )
      .toArray();
  }

  /**
   * How many earlier versions each of the messages from `first` to `last` has outside: those that were erased in bulk
   * stay here. Messages without any are left out.
   */
  versionCounts(first: number, last: number): Map<number, number> {
    return this.#counts(
      `SELECT version.seq, count(*) AS n FROM version JOIN event ON event.seq = replaced_by
       WHERE version.seq BETWEEN ? AND ? AND event.type <> 'erased' GROUP BY version.seq`,
      first,
      last,
    );
  }

  /** How many reactions each of the messages from `first` to `last` has; those without any are left out. */
  reactionCounts(first: number, last: number): Map<number, number> {
    return this.#counts(
      "SELECT seq, count(*) AS n FROM reaction WHERE seq BETWEEN ? AND ? GROUP BY seq",
      first,
      last,
    );
  }

  /** The version of a message that the event at `by` ended. */
  replacedBy(seq: number, by: number): MessageVersion | undefined {
    return this.#sql
      .exec<{ version: number; at: number; content: string }>(
        "SELECT version, at, content FROM version WHERE seq = ? AND replaced_by = ?",
        seq,
        by,
      )
      .toArray()[0];
  }

  /** The edits of a message, as places in the log. */
  edits(seq: number): number[] {
    return this.#sql
      .exec<{ replaced_by: number }>("SELECT replaced_by FROM version WHERE seq = ?", seq)
      .toArray()
      .map((row) => row.replaced_by);
  }

  react(seq: number, userId: string, emoji: string, active: boolean, at: number): void {
    if (active) {
      this.#sql.write(
        "INSERT INTO reaction (seq, emoji, user_id, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        seq,
        emoji,
        userId,
        at,
      );
      return;
    }
    this.#sql.write(
      "DELETE FROM reaction WHERE seq = ? AND emoji = ? AND user_id = ?",
      seq,
      emoji,
      userId,
    );
  }

  hasReaction(seq: number, userId: string, emoji: string): boolean {
    return this.#sql.has(
      "SELECT 1 FROM reaction WHERE seq = ? AND emoji = ? AND user_id = ?",
      seq,
      emoji,
      userId,
    );
  }

  emojiCount(seq: number): number {
    return this.#sql
      .exec<{ n: number }>("SELECT count(DISTINCT emoji) AS n FROM reaction WHERE seq = ?", seq)
      .one().n;
  }

  /** The reactions of the messages from `first` to `last`, in the order in which the emojis came. */
  reactions(first: number, last: number, readerId: string): Map<number, ReactionCount[]> {
    const rows = this.#sql.exec<{ seq: number; emoji: string; count: number; mine: number }>(
      `SELECT seq, emoji, count(*) AS count, max(user_id = ?) AS mine FROM reaction
       WHERE seq BETWEEN ? AND ? GROUP BY seq, emoji ORDER BY seq, min(at), emoji`,
      readerId,
      first,
      last,
    );
    const found = new Map<number, ReactionCount[]>();
    for (const { seq, emoji, count, mine } of rows) {
      const counts = found.get(seq) ?? [];
      counts.push({ emoji, count, mine: mine === 1 });
      found.set(seq, counts);
    }
    return found;
  }

  /** Who put which emoji on a message, oldest first. */
  reactors(seq: number): { emoji: string; userId: string; at: number }[] {
    return this.#sql
      .exec<{ emoji: string; user_id: string; at: number }>(
        "SELECT emoji, user_id, at FROM reaction WHERE seq = ? ORDER BY at, emoji, user_id",
        seq,
      )
      .toArray()
      .map(({ emoji, user_id: userId, at }) => ({ emoji, userId, at }));
  }

  hide(userId: string, seq: number): void {
    this.#sql.write(
      "INSERT INTO hidden (user_id, seq) VALUES (?, ?) ON CONFLICT DO NOTHING",
      userId,
      seq,
    );
  }

  /** Which messages from `first` to `last` this member has hidden. */
  hidden(userId: string, first: number, last: number): Set<number> {
    const rows = this.#sql.exec<{ seq: number }>(
      "SELECT seq FROM hidden WHERE user_id = ? AND seq BETWEEN ? AND ?",
      userId,
      first,
      last,
    );
    return new Set([...rows].map(({ seq }) => seq));
  }

  #counts(query: string, first: number, last: number): Map<number, number> {
    const rows = this.#sql.exec<{ seq: number; n: number }>(query, first, last);
    return new Map([...rows].map(({ seq, n }) => [seq, n]));
  }
}
