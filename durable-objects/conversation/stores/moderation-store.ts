import type { TalliedSql } from "../../storage/tallied-sql.ts";

/** Somebody's messages below `before` are still to be erased, as `actorId` wanted. */
export interface Erasure {
  userId: string;
  actorId: string;
  before: number;
}

/** What moderation keeps in a conversation: who reported what, what staff has to be told, what is being erased. */
export class ModerationStore {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  report(seq: number, userId: string): void {
    this.#sql.write(
      "INSERT INTO report (seq, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
      seq,
      userId,
    );
  }

  hasReported(seq: number, userId: string): boolean {
    return this.#sql.has("SELECT 1 FROM report WHERE seq = ? AND user_id = ?", seq, userId);
  }

  reportCount(seq: number): number {
    return this.#sql
      .exec<{ n: number }>("SELECT count(*) AS n FROM report WHERE seq = ?", seq)
      .one().n;
  }

  tellStaff(seq: number): void {
    this.#sql.write("INSERT INTO staff_notice (seq) VALUES (?) ON CONFLICT DO NOTHING", seq);
  }

  /** Events that staff has to be told of, in their order. */
  untold(limit: number): number[] {
    return this.#sql
      .exec<{ seq: number }>("SELECT seq FROM staff_notice ORDER BY seq LIMIT ?", limit)
      .toArray()
      .map(({ seq }) => seq);
  }

  told(seqs: readonly number[]): void {
    for (const seq of seqs) this.#sql.write("DELETE FROM staff_notice WHERE seq = ?", seq);
  }

  /** One that is under way already reaches further, and goes on in the name of the later one. */
  planErasure({ userId, actorId, before }: Erasure): void {
    this.#sql.write(
      `INSERT INTO erasure (user_id, actor_id, before) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET
         actor_id = excluded.actor_id, before = max(before, excluded.before)`,
      userId,
      actorId,
      before,
    );
  }

  nextErasure(): Erasure | undefined {
    return this.#sql
      .exec<{ user_id: string; actor_id: string; before: number }>(
        "SELECT user_id, actor_id, before FROM erasure LIMIT 1",
      )
      .toArray()
      .map((row) => ({ userId: row.user_id, actorId: row.actor_id, before: row.before }))[0];
  }

  /** Nothing is left from `before` on, unless the erasure was told to reach further meanwhile. */
  advanceErasure({ userId, before: was }: Erasure, before: number): void {
    const isDone = before <= 1;
    const change = isDone ? "DELETE FROM erasure" : "UPDATE erasure SET before = ?3";
    const bindings = isDone ? [userId, was] : [userId, was, before];
    this.#sql.write(`${change} WHERE user_id = ?1 AND before = ?2`, ...bindings);
  }
}
