import * as v from "valibot";
import type { ReceiptBook, ReceiptCursor } from "../../../core/receipts/receipt-book.ts";
import type { MemberStore } from "./member-store.ts";
import type { TalliedSql } from "../../storage/tallied-sql.ts";

/** Members whose receipts share a row: a busy second of a small group costs one row. */
const CHUNK_MEMBERS = 64;

const chunkSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    /** Where the log ended at the flush. */
    head: v.number(),
    members: v.array(v.tuple([v.string(), v.number(), v.number(), v.number(), v.number()])),
  }),
);

/** Receipts in SQLite, 64 members a row (docs/decisions/0003-receipts.md). */
export class ReceiptStore {
  readonly #sql: TalliedSql;
  readonly #members: MemberStore;
  /** Who shares a row with whom; a member of a chunk that was not read yet is in none of them. */
  readonly #chunks = new Map<number, Set<string>>();

  constructor(sql: TalliedSql, members: MemberStore) {
    this.#sql = sql;
    this.#members = members;
  }

  /** Every receipt, and where the log ended when the last of them was written. */
  read(): { cursors: (readonly [userId: string, cursor: ReceiptCursor])[]; head: number } {
    const rows = this.#sql.exec<{ chunk: number; cursors: string }>(
      "SELECT chunk, cursors FROM receipt",
    );
    const cursors: (readonly [string, ReceiptCursor])[] = [];
    let latest = 0;
    for (const { chunk, cursors: text } of rows) {
      const { head, members } = v.parse(chunkSchema, text);
      latest = Math.max(latest, head);
      this.#chunks.set(chunk, new Set(members.map(([userId]) => userId)));
      for (const [userId, delivered, deliveredAt, read, readAt] of members) {
        cursors.push([userId, { delivered, deliveredAt, read, readAt }]);
      }
    }
    return { cursors, head: latest };
  }

  /** Writes the chunks of these members as the book has them. Members who have left drop out. */
  write(book: ReceiptBook, userIds: Iterable<string>, head: number): void {
    const touched = new Set<number>();
    for (const userId of userIds) {
      const slot = this.#members.slot(userId);
      if (slot === undefined) continue;
      const chunk = Math.floor(slot / CHUNK_MEMBERS);
      const members = this.#chunks.get(chunk) ?? new Set();
      this.#chunks.set(chunk, members.add(userId));
      touched.add(chunk);
    }
    for (const chunk of touched) this.#writeChunk(book, chunk, head);
  }

  #writeChunk(book: ReceiptBook, chunk: number, head: number): void {
    const members = [];
    for (const userId of this.#chunks.get(chunk) ?? []) {
      if (this.#members.find(userId) === undefined) continue;
      const { delivered, deliveredAt, read, readAt } = book.of(userId);
      members.push([userId, delivered, deliveredAt, read, readAt]);
    }
    this.#sql.write(
      `INSERT INTO receipt (chunk, cursors) VALUES (?, ?)
       ON CONFLICT (chunk) DO UPDATE SET cursors = excluded.cursors`,
      chunk,
      JSON.stringify({ head, members }),
    );
  }
}
