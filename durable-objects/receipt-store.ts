import * as v from "valibot";
import type { ReceiptBook, ReceiptCursor } from "../core/receipt-book.ts";
import type { MemberStore } from "./member-store.ts";
import type { TalliedSql } from "./tallied-sql.ts";

/** Members whose receipts share a row: a busy second of a small group costs one row. */
const CHUNK_MEMBERS = 64;

const chunkSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(v.tuple([v.string(), v.number(), v.number(), v.number(), v.number()])),
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

  *all(): Generator<readonly [userId: string, cursor: ReceiptCursor]> {
    const rows = this.#sql.exec<{ chunk: number; cursors: string }>(
      "SELECT chunk, cursors FROM receipt",
    );
    for (const { chunk, cursors } of rows) {
      const parsed = v.parse(chunkSchema, cursors);
      this.#chunks.set(chunk, new Set(parsed.map(([userId]) => userId)));
      for (const [userId, delivered, deliveredAt, read, readAt] of parsed) {
        yield [userId, { delivered, deliveredAt, read, readAt }];
      }
    }
  }

  /** Writes the chunks of these members as the book has them. Members who have left drop out. */
  write(book: ReceiptBook, userIds: Iterable<string>): void {
    const touched = new Set<number>();
    for (const userId of userIds) {
      const slot = this.#members.slot(userId);
      if (slot === undefined) continue;
      const chunk = Math.floor(slot / CHUNK_MEMBERS);
      const members = this.#chunks.get(chunk) ?? new Set();
      this.#chunks.set(chunk, members.add(userId));
      touched.add(chunk);
    }
    for (const chunk of touched) this.#writeChunk(book, chunk);
  }

  #writeChunk(book: ReceiptBook, chunk: number): void {
    const cursors = [];
    for (const userId of this.#chunks.get(chunk) ?? []) {
      if (this.#members.find(userId) === undefined) continue;
      const { delivered, deliveredAt, read, readAt } = book.of(userId);
      cursors.push([userId, delivered, deliveredAt, read, readAt]);
    }
    this.#sql.write(
      `INSERT INTO receipt (chunk, cursors) VALUES (?, ?)
       ON CONFLICT (chunk) DO UPDATE SET cursors = excluded.cursors`,
      chunk,
      JSON.stringify(cursors),
    );
  }
}
