import type { LogRow } from "../../../core/event-text.ts";
import type { LogStore } from "./log-store.ts";
import type { TalliedSql } from "../../storage/tallied-sql.ts";

/** Rows of one statement, few sizes so that few statements are kept prepared; SQLite here binds at most 100 values. */
const SIZES = [32, 8, 2];

/** A row was not stored because its sender has used its key before. */
export class KeyTaken extends Error {
  override readonly name = "KeyTaken";
}

/**
 * Stores new rows of consecutive seqs in few statements. To bind a value costs about as much as to store it, so what
 * neighbours share is bound once; a row that shares nothing with the next one goes by itself.
 * @throws KeyTaken when a key was used before; the caller's transaction ends with it.
 */
export function insertNewRows(sql: TalliedSql, log: LogStore, rows: readonly LogRow[]): void {
  for (let at = 0; at < rows.length;) {
    const alike = countAlike(rows, at);
    const size = SIZES.find((n) => n <= alike) ?? 1;
    insert(sql, log, rows.slice(at, at + size));
    at += size;
  }
}

/** How many rows from `at` on differ in nothing but seq, sender, key and body. */
function countAlike(rows: readonly LogRow[], at: number): number {
  const first = rows[at];
  const end = rows.findIndex(
    (row, index) =>
      index >= at && (!isPlain(row) || row.type !== first?.type || row.at !== first.at),
  );
  return (end < 0 ? rows.length : end) - at;
}

/** Whether the row has nothing in the columns that most rows leave empty. */
function isPlain({ mentions, traceparent }: LogRow): boolean {
  return mentions === null && traceparent === null;
}

function insert(sql: TalliedSql, log: LogStore, rows: readonly LogRow[]): void {
  const [first] = rows;
  if (first === undefined) return;
  if (rows.length === 1) {
    if (!log.insert(first)) throw new KeyTaken();
    return;
  }
  const own = rows.flatMap(({ senderId, clientMessageId, body }) => [
    senderId,
    clientMessageId,
    body,
  ]);
  try {
    sql.write(INSERT_TEXTS.get(rows.length) ?? "", first.seq, first.at, first.type, ...own);
  } catch (error) {
    throw isTakenKey(error) ? new KeyTaken() : error;
  }
}

const INSERT_TEXTS: ReadonlyMap<number, string> = new Map(
  SIZES.map((size) => [size, insertText(size)]),
);

function insertText(size: number): string {
  const rows = Array.from({ length: size }, (_, n) => `(?1 + ${n}, ?2, ?3, ?, ?, ?)`);
  return `INSERT INTO event (seq, at, type, sender_id, client_message_id, body) VALUES ${rows.join(", ")}`;
}

/** SQLite names a violated index by its columns. */
function isTakenKey(error: unknown): boolean {
  return error instanceof Error && error.message.includes("event.client_message_id");
}
