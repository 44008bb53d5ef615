import type { LogRow } from "../../../core/event-text.ts";
import type { LogStore } from "./log-store.ts";
import { insertNewRows } from "./row-insert.ts";
import type { TalliedSql } from "../../storage/tallied-sql.ts";

/** Where the sequencer's rows go within one transaction. */
export interface NewRows {
  /** Whether the row got its place; false when its key was used before. */
  insert(row: LogRow): boolean;
  /** Stores what is held back; before anything reads the log, and at the end. */
  settle(): void;
}

/**
 * Rows held back until there are many for one statement, which costs more than what it writes. Nearly every key is
 * new; one that is not throws `KeyTaken`, and its group is stored anew, one by one. Rule ORD-3.
 */
export class RowsTogether implements NewRows {
  readonly #sql: TalliedSql;
  readonly #log: LogStore;
  #rows: LogRow[] = [];

  constructor(sql: TalliedSql, log: LogStore) {
    this.#sql = sql;
    this.#log = log;
  }

  insert(row: LogRow): boolean {
    this.#rows.push(row);
    return true;
  }

  settle(): void {
    const rows = this.#rows;
    this.#rows = [];
    insertNewRows(this.#sql, this.#log, rows);
  }
}

/** Each row by itself, which finds out whether its key is new. */
export class RowsOneByOne implements NewRows {
  readonly #log: LogStore;

  constructor(log: LogStore) {
    this.#log = log;
  }

  insert(row: LogRow): boolean {
    return this.#log.insert(row);
  }

  settle(): void {
    // nothing is held back
  }
}
