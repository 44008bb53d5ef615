import type { OutboxReceipt } from "../../protocol/outbox-frames.ts";

/**
 * Receipts that one sink does not have: of each member only the newest, however often it moved. Survives a crash by
 * one number, the time up to which the sink has everything: what moved later is sent again. Rule OBX-9.
 */
export class ReceiptQueue {
  readonly #waiting = new Map<string, OutboxReceipt>();
  #settledAt: number;
  #newestAcked: number;

  /** `stored` are the cursors that are safe on disk, `settledAt` (epoch ms) what `settledAt` was before the crash. */
  constructor(stored: Iterable<OutboxReceipt>, settledAt: number) {
    this.#settledAt = settledAt;
    this.#newestAcked = settledAt;
    for (const receipt of stored) if (movedAt(receipt) > settledAt) this.add(receipt);
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Nothing that moved up to then is waiting; epoch ms. */
  get settledAt(): number {
    return this.#settledAt;
  }

  add(receipt: OutboxReceipt): void {
    this.#waiting.set(receipt.userId, receipt);
  }

  /** Up to `limit` of them; they wait on until they are acked. */
  next(limit: number): OutboxReceipt[] {
    return [...this.#waiting.values()].slice(0, limit);
  }

  /** The sink has these; a member whose receipt moved meanwhile waits on with the newer one. */
  acked(sent: readonly OutboxReceipt[]): void {
    for (const receipt of sent) {
      if (this.#waiting.get(receipt.userId) === receipt) this.#waiting.delete(receipt.userId);
      this.#newestAcked = Math.max(this.#newestAcked, movedAt(receipt));
    }
    if (this.isEmpty) this.#settledAt = this.#newestAcked;
  }
}

function movedAt({ deliveredAt, readAt }: OutboxReceipt): number {
  return Math.max(deliveredAt, readAt);
}
