/** The object's SQL, with a tally of what its owner pays for: `cursor.rowsWritten` of every statement. */
export class TalliedSql {
  readonly #sql: SqlStorage;
  /** Rows written since the object woke. */
  rowsWritten = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  exec<Row extends Record<string, SqlStorageValue>>(
    statement: string,
    ...bindings: SqlStorageValue[]
  ): SqlStorageCursor<Row> {
    const cursor = this.#sql.exec<Row>(statement, ...bindings);
    this.rowsWritten += cursor.rowsWritten;
    return cursor;
  }

  /** Whether a query finds anything. */
  has(query: string, ...bindings: SqlStorageValue[]): boolean {
    return this.exec(query, ...bindings).toArray().length > 0;
  }

  /** Runs a statement that gives no rows back; answers how many it wrote. */
  write(statement: string, ...bindings: SqlStorageValue[]): number {
    return this.exec(statement, ...bindings).rowsWritten;
  }
}
