import type { ReceiptCursor } from "./receipt-book.ts";

/** Receipts of many members at once: how many of them have got to a seq. Rule RCP-5. */
export class ReceiptCounts {
  readonly #delivered: number[];
  readonly #read: number[];

  constructor(cursors: readonly ReceiptCursor[]) {
    this.#delivered = cursors.map(({ delivered }) => delivered).toSorted(ascending);
    this.#read = cursors.map(({ read }) => read).toSorted(ascending);
  }

  /** Members, but for the author, whose receipt is at `seq` or behind it in the log. */
  at(seq: number): { seq: number; delivered: number; read: number } {
    const author = 1; // sending implies having read up to there
    return {
      seq,
      delivered: Math.max(0, countFrom(this.#delivered, seq) - author),
      read: Math.max(0, countFrom(this.#read, seq) - author),
    };
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** How many of the sorted values are at least `least`. */
function countFrom(sorted: readonly number[], least: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return sorted.length - low;
}
