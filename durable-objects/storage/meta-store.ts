import type { TalliedSql } from "./tallied-sql.ts";

/** Single values of an object, by name, in its `meta` table. */
export class MetaStore {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  get(key: string): SqlStorageValue | undefined {
    return this.#sql
      .exec<{ value: SqlStorageValue }>("SELECT value FROM meta WHERE key = ?", key)
      .toArray()[0]?.value;
  }

  /** The number under `key`, or `absent` before the first set. */
  number(key: string, absent: number): number {
    const value = this.get(key);
    return typeof value === "number" ? value : absent;
  }

  set(key: string, value: SqlStorageValue): void {
    this.#sql.write(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value",
      key,
      value,
    );
  }
}
