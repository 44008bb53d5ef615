import { attemptAfter, type AttemptBucket } from "../../core/attempt-bucket.ts";
import { hashText } from "./hash-text.ts";

/** Attempts that have been made, in D1. An attempt is taken before it is tried, so that many at once are still counted. */
export class AttemptStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Takes one attempt out of every bucket; else takes none and answers after how many ms one is free. */
  async take(buckets: readonly AttemptBucket[], now: number): Promise<number> {
    const keyed = await withKeys(buckets);
    const results = await this.#db.batch<{ bucket: string }>(
      keyed.map(({ key, burst, everyMs }) =>
        this.#db
          .prepare(
            `INSERT INTO attempt (bucket, empty_at) VALUES (?1, ?2 + ?3)
             ON CONFLICT (bucket) DO UPDATE SET empty_at = max(empty_at, ?2) + ?3
             WHERE max(empty_at, ?2) + ?3 - ?2 <= ?3 * ?4 RETURNING bucket`,
          )
          .bind(key, now, everyMs, burst),
      ),
    );
    const taken = new Set(results.flatMap(({ results: rows }) => rows.map(({ bucket }) => bucket)));
    const full = keyed.filter(({ key }) => !taken.has(key));
    if (full.length === 0) return 0;
    await this.#giveBack(keyed.filter(({ key }) => taken.has(key)));
    const waits = await Promise.all(
      full.map(async (bucket) => attemptAfter(await this.#emptyAt(bucket.key), bucket, now)),
    );
    return Math.max(1, ...waits);
  }

  /** The attempt was a right one: it counts for nothing. What is empty anyway is swept out. */
  async giveBack(buckets: readonly AttemptBucket[], now: number): Promise<void> {
    await this.#giveBack(await withKeys(buckets));
    await this.#db.prepare("DELETE FROM attempt WHERE empty_at <= ?").bind(now).run();
  }

  async #giveBack(keyed: readonly KeyedBucket[]): Promise<void> {
    if (keyed.length === 0) return;
    const statement = this.#db.prepare(
      "UPDATE attempt SET empty_at = empty_at - ? WHERE bucket = ?",
    );
    await this.#db.batch(keyed.map(({ key, everyMs }) => statement.bind(everyMs, key)));
  }

  async #emptyAt(key: string): Promise<number> {
    const row = await this.#db
      .prepare("SELECT empty_at FROM attempt WHERE bucket = ?")
      .bind(key)
      .first<{ empty_at: number }>();
    return row?.empty_at ?? 0;
  }
}

type KeyedBucket = AttemptBucket & { key: string };

function withKeys(buckets: readonly AttemptBucket[]): Promise<KeyedBucket[]> {
  return Promise.all(
    buckets.map(async (bucket) => ({ ...bucket, key: await hashText(bucket.name) })),
  );
}
