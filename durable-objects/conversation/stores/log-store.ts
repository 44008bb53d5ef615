import type { StoredMessage } from "../../../core/conversation.ts";
import type { LogRow } from "../../../core/event-text.ts";
import { SHOWN_TYPES } from "../../../protocol/event.ts";
import type { MessageFlag } from "../../../core/moderation/message-flag.ts";
import type { LogEnd, Stored } from "../../../core/sequencer.ts";
import type { MessageBody } from "../../../protocol/message.ts";
import type { TalliedSql } from "../../storage/tallied-sql.ts";

type EventRow = {
  seq: number;
  at: number;
  type: LogRow["type"];
  sender_id: string;
  client_message_id: string | null;
  body: string;
  version: number;
  edited_at: number | null;
  deleted_at: number | null;
  mentions: string | null;
  traceparent: string | null;
  flag: MessageFlag | null;
};

const COLUMNS =
  "seq, at, type, sender_id, client_message_id, body, version, edited_at, deleted_at, mentions, traceparent, flag";
/** What a reader of history sees: messages, and what the server says of members and settings. */
const SHOWN = `type IN (${SHOWN_TYPES.map((type) => `'${type}'`).join(", ")})`;

/** Two megabytes of the longest messages. */
const READ_AT_ONCE = 64;

/** The log of one conversation in the object's SQLite. Synchronous; callers bring the transaction. */
export class LogStore {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  insert(row: LogRow): boolean {
    const written = this.#sql.write(
      `INSERT INTO event (seq, at, type, sender_id, client_message_id, body, mentions, traceparent)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      row.seq,
      row.at,
      row.type,
      row.senderId,
      row.clientMessageId,
      row.body,
      row.mentions,
      row.traceparent,
    );
    return written > 0;
  }

  find(senderId: string, clientMessageId: string): Stored | undefined {
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

  row(seq: number): LogRow | undefined {
    return this.#rows("WHERE seq = ?", seq)[0];
  }

  message(seq: number): StoredMessage | undefined {
    const row = this.row(seq);
    if (row?.type !== "message") return undefined;
    const { at, senderId, version, deletedAt, flag } = row;
    const { type, content } = bodyOf(row);
    const flagged = flag === undefined ? {} : { flag };
    return { seq, at, senderId, type, content: content ?? "", version, deletedAt, ...flagged };
  }

  /**
   * Rows after `cursor`, ascending; `cursor` -1 includes the founding. Read some at a time, as they are taken: a page
   * of long messages is full after a few, and an open cursor would hold back the write-ahead log.
   */
  *after(cursor: number): Generator<LogRow> {
    for (let from = cursor; ;) {
      const rows = this.#rows("WHERE seq > ? ORDER BY seq LIMIT ?", from, READ_AT_ONCE);
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < READ_AT_ONCE) return;
      from = last.seq;
    }
  }

  shownAfter(cursor: number, limit: number): LogRow[] {
    return this.#rows(`WHERE seq > ? AND ${SHOWN} ORDER BY seq LIMIT ?`, cursor, limit);
  }

  /** The `limit` newest shown rows before `seq` and after `floor`, ascending. */
  shownBefore(seq: number, limit: number, floor = 0): LogRow[] {
    return this.#rows(
      `WHERE seq < ? AND seq > ? AND ${SHOWN} ORDER BY seq DESC LIMIT ?`,
      seq,
      floor,
      limit,
    ).toReversed();
  }

  /** Who sent messages after `cursor`, each with the last one; a bare column beside `max` is of the row that has it. */
  lastMessagesAfter(cursor: number): Iterable<{ seq: number; at: number; senderId: string }> {
    return this.#sql.exec<{ seq: number; at: number; senderId: string }>(
      `SELECT max(seq) AS seq, at, sender_id AS senderId FROM event
       WHERE seq > ? AND type = 'message' GROUP BY sender_id`,
      cursor,
    );
  }

  /** The shown rows before the `skipped` newest, ascending; reads them all. */
  shownPage(skipped: number, limit: number, floor: number): LogRow[] {
    return this.#rows(
      `WHERE seq > ? AND ${SHOWN} ORDER BY seq DESC LIMIT ? OFFSET ?`,
      floor,
      limit,
      skipped,
    ).toReversed();
  }

  shownCount(floor: number): number {
    return this.#sql
      .exec<{ n: number }>(`SELECT count(*) AS n FROM event WHERE seq > ? AND ${SHOWN}`, floor)
      .one().n;
  }

  /** When this member last sent a message after `since`; looks no further back than that. */
  lastSentAt(userId: string, since: number): number | undefined {
    for (let before = Number.MAX_SAFE_INTEGER; ;) {
      const rows = this.#sql
        .exec<Pick<EventRow, "seq" | "at" | "type" | "sender_id">>(
          "SELECT seq, at, type, sender_id FROM event WHERE seq < ? ORDER BY seq DESC LIMIT ?",
          before,
          READ_AT_ONCE,
        )
        .toArray();
      for (const row of rows) {
        if (row.at <= since) return undefined;
        if (row.sender_id === userId && row.type === "message") return row.at;
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < READ_AT_ONCE) return undefined;
      before = last.seq;
    }
  }

  /** The newest messages of a user from `from` on and below `before` that are not erased, at most `limit`. */
  writtenBy(
    userId: string,
    { from, before }: { from: number; before: number },
    limit: number,
  ): number[] {
    return this.#sql
      .exec<{ seq: number }>(
        `SELECT seq FROM event WHERE seq >= ? AND seq < ? AND +sender_id = ? AND type = 'message'
           AND deleted_at IS NULL ORDER BY seq DESC LIMIT ?`,
        from,
        before,
        userId,
        limit,
      )
      .toArray()
      .map(({ seq }) => seq);
  }

  flag(seq: number, flag: MessageFlag): void {
    this.#sql.write("UPDATE event SET flag = ? WHERE seq = ?", flag, seq);
  }

  /** Gives a message new content, and its version and time with it. */
  rewrite(seq: number, content: string, version: number, at: number): void {
    const row = this.row(seq);
    if (row === undefined) throw new Error("no message to rewrite");
    const body = JSON.stringify({ ...bodyOf(row), content });
    this.#sql.write(
      "UPDATE event SET body = ?, version = ?, edited_at = ? WHERE seq = ?",
      body,
      version,
      at,
      seq,
    );
  }

  /** Leaves a message's place and takes the rest, also out of the edits in the log. */
  erase(seq: number, at: number, edits: readonly number[]): void {
    const row = this.row(seq);
    if (row === undefined) throw new Error("no message to erase");
    const body = JSON.stringify({ type: bodyOf(row).type, content: "" });
    this.#sql.write(
      "UPDATE event SET body = ?, mentions = NULL, deleted_at = ? WHERE seq = ?",
      body,
      at,
      seq,
    );
    for (const edit of edits) {
      this.#sql.write(
        "UPDATE event SET body = json_set(body, '$.content', '') WHERE seq = ?",
        edit,
      );
    }
  }

  /** Messages show that a file they name was deleted. */
  markDeleted(seqs: readonly number[], fileId: string): void {
    for (const seq of seqs) {
      const row = this.row(seq);
      if (row === undefined) throw new Error("no message to mark");
      const { deletedAttachments = [], ...body } = bodyOf(row);
      const marked = { ...body, deletedAttachments: [...deletedAttachments, fileId] };
      this.#sql.write("UPDATE event SET body = ? WHERE seq = ?", JSON.stringify(marked), seq);
    }
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
        version: row.version,
        editedAt: row.edited_at,
        deletedAt: row.deleted_at,
        mentions: row.mentions,
        traceparent: row.traceparent,
        ...(row.flag === null ? {} : { flag: row.flag }),
      }));
  }
}

function bodyOf(row: LogRow): MessageBody {
  return JSON.parse(row.body) as MessageBody; // written by messageBodyText alone
}
