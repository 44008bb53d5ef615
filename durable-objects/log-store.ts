import type { LogRow } from "../core/event-text.ts";
import type { LogEnd, LogWriter, StoredSend } from "../core/sequencer.ts";

type EventRow = {
  seq: number;
  at: number;
  type: LogRow["type"];
  sender_id: string;
  client_message_id: string | null;
  body: string;
};

const COLUMNS = "seq, at, type, sender_id, client_message_id, body";

/** The log of one conversation in the object's SQLite. Synchronous; callers bring the transaction. */
export class LogStore implements LogWriter {
  readonly #sql: SqlStorage;
  /** Rows the storage billed since the object woke: `cursor.rowsWritten` of every insert. */
  rowsWritten = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  insert(row: LogRow): boolean {
    const cursor = this.#sql.exec(
      `INSERT INTO event (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      row.seq,
      row.at,
      row.type,
      row.senderId,
      row.clientMessageId,
      row.body,
    );
    this.rowsWritten += cursor.rowsWritten;
    return cursor.rowsWritten > 0;
  }

  find(senderId: string, clientMessageId: string): StoredSend | undefined {
    return this.#sql
      .exec<{ seq: number; at: number }>(
        "SELECT seq, at FROM event WHERE sender_id = ? AND client_message_id = ?",
        senderId,
        clientMessageId,
      )
      .toArray()[0];
  }

  /** Where the log ends; null before the founding. */
  end(): LogEnd | null {
    const last = this.#sql
      .exec<{ seq: number; at: number }>("SELECT seq, at FROM event ORDER BY seq DESC LIMIT 1")
      .toArray()[0];
    return last === undefined ? null : { head: last.seq, at: last.at };
  }

  /** Rows after `cursor`, ascending; `cursor` -1 includes the founding. */
  after(cursor: number, limit: number): LogRow[] {
    return this.#rows(`WHERE seq > ? ORDER BY seq LIMIT ?`, cursor, limit);
  }

  messagesAfter(cursor: number, limit: number): LogRow[] {
    return this.#rows(`WHERE seq > ? AND type = 'message' ORDER BY seq LIMIT ?`, cursor, limit);
  }

  /** The `limit` newest messages before `seq`, ascending. */
  messagesBefore(seq: number, limit: number): LogRow[] {
    return this.#rows(
      `WHERE seq < ? AND type = 'message' ORDER BY seq DESC LIMIT ?`,
      seq,
      limit,
    ).toReversed();
  }

  #rows(where: string, ...bindings: number[]): LogRow[] {
    return this.#sql
      .exec<EventRow>(`SELECT ${COLUMNS} FROM event ${where}`, ...bindings)
      .toArray()
      .map((row) => ({
        seq: row.seq,
        at: row.at,
        type: row.type,
        senderId: row.sender_id,
        clientMessageId: row.client_message_id,
        body: row.body,
      }));
  }
}
