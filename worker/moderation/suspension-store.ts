export interface Suspension {
  userId: string;
  until: number;
  reason: string;
  suspendedBy: string;
  suspendedAt: number;
}

/** Who may not come in for now, in D1; auth/suspensions.ts is what doors ask. */
export class SuspensionStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** For a batch with what else a suspension does. */
  put({ userId, until, reason, suspendedBy, suspendedAt }: Suspension): D1PreparedStatement {
    return this.#db
      .prepare(
        `INSERT INTO suspension (user_id, until, reason, suspended_by, suspended_at)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET until = excluded.until, reason = excluded.reason,
           suspended_by = excluded.suspended_by, suspended_at = excluded.suspended_at`,
      )
      .bind(userId, until, reason, suspendedBy, suspendedAt);
  }

  /** False when nobody was suspended. `whenRemoved` runs in the same transaction if somebody was. */
  async remove(userId: string, whenRemoved: D1PreparedStatement): Promise<boolean> {
    const [removed] = await this.#db.batch([
      this.#db.prepare("DELETE FROM suspension WHERE user_id = ?").bind(userId),
      whenRemoved,
    ]);
    return removed !== undefined && removed.meta.changes > 0;
  }

  async list(now: number, limit: number): Promise<Suspension[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT user_id AS userId, until, reason, suspended_by AS suspendedBy,
           suspended_at AS suspendedAt FROM suspension
         WHERE until > ? ORDER BY suspended_at DESC, user_id LIMIT ?`,
      )
      .bind(now, limit)
      .all<Suspension>();
    return results;
  }
}
