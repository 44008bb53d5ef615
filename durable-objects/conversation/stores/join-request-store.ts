import type { JoinRequest } from "../../../core/join-request.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { TalliedSql } from "../../storage/tallied-sql.ts";

type RequestRow = {
  user_id: string;
  name: string;
  note: string;
  at: number;
  refused_at: number | null;
};

/** People who have asked to become members: those who wait, and those who were refused of late. */
export class JoinRequestStore {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  of(userId: string): JoinRequest | undefined {
    return this.#requests("WHERE user_id = ?", userId)[0];
  }

  /** Those who wait, in the order in which they came. */
  waiting(): JoinRequest[] {
    return this.#requests("WHERE refused_at IS NULL ORDER BY at, user_id");
  }

  waitingCount(): number {
    return this.#sql
      .exec<{ n: number }>("SELECT count(*) AS n FROM join_request WHERE refused_at IS NULL")
      .one().n;
  }

  /** A refused one may ask again; whoever may by now is forgotten, so that the table stays small. */
  put({ userId, name, note, at }: Omit<JoinRequest, "refusedAt">): void {
    const over = at - LIMITS.refusedSeconds * 1_000;
    this.#sql.write("DELETE FROM join_request WHERE refused_at <= ?", over);
    this.#sql.write(
      `INSERT INTO join_request (user_id, name, note, at) VALUES (?, ?, ?, ?)`,
      userId,
      name,
      note,
      at,
    );
  }

  refuse(userId: string, at: number): void {
    this.#sql.write("UPDATE join_request SET refused_at = ? WHERE user_id = ?", at, userId);
  }

  close(userId: string): void {
    this.#sql.write("DELETE FROM join_request WHERE user_id = ?", userId);
  }

  closeAll(): void {
    this.#sql.write("DELETE FROM join_request");
  }

  #requests(rest: string, ...bindings: SqlStorageValue[]): JoinRequest[] {
    return this.#sql
      .exec<RequestRow>(
        `SELECT user_id, name, note, at, refused_at FROM join_request ${rest}`,
        ...bindings,
      )
      .toArray()
      .map((row) => ({
        userId: row.user_id,
        name: row.name,
        note: row.note,
        at: row.at,
        refusedAt: row.refused_at,
      }));
  }
}
