import { hashText } from "./hash-text.ts";

/** An address is forgotten when nobody signed in from it for this long. */
const REMEMBERED_MS = 90 * 86_400_000;

/** Where accounts' owners sign in from, in D1; addresses only as hashes. */
export class KnownAddressStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Asks also for a user who is not there, so that the time of an answer tells nothing. */
  async has(userId: string | null, address: string | null, now: number): Promise<boolean> {
    const row = await this.#db
      .prepare("SELECT 1 FROM known_address WHERE user_id = ? AND address = ? AND seen_at > ?")
      .bind(userId ?? "", await hashText(address ?? ""), now - REMEMBERED_MS)
      .first();
    return row !== null && address !== null;
  }

  async put(userId: string, address: string | null, now: number): Promise<void> {
    if (address === null) return;
    await this.#db.batch([
      this.#db
        .prepare("DELETE FROM known_address WHERE user_id = ? AND seen_at <= ?")
        .bind(userId, now - REMEMBERED_MS),
      this.#db
        .prepare(
          `INSERT INTO known_address (user_id, address, seen_at) VALUES (?, ?, ?)
           ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at`,
        )
        .bind(userId, await hashText(address), now),
    ]);
  }
}
