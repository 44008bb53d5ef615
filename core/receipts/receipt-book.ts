import type { Receipt } from "../../protocol/client-frames.ts";
import type { MemberReceipt } from "../../protocol/server-frames.ts";

/** How far one member has got, and when each of the two last moved; seqs and epoch ms. */
export interface ReceiptCursor {
  delivered: number;
  deliveredAt: number;
  read: number;
  readAt: number;
}

const NOWHERE: ReceiptCursor = { delivered: 0, deliveredAt: 0, read: 0, readAt: 0 };

/**
 * The receipts of a conversation's members, kept in memory between two flushes. Every cursor only grows and never
 * passes the head; what is read is delivered. Rules RCP-1 and RCP-2.
 */
export class ReceiptBook {
  readonly #cursors = new Map<string, ReceiptCursor>();
  /** As they were stored last: what others may be shown, since it cannot be lost any more. */
  readonly #stored: Map<string, ReceiptCursor>;
  /** Members whose receipt moved since the last flush. */
  #moved = new Set<string>();

  constructor(stored: Iterable<readonly [userId: string, cursor: ReceiptCursor]> = []) {
    this.#stored = new Map(stored);
    for (const [userId, cursor] of this.#stored) this.#cursors.set(userId, cursor);
  }

  of(userId: string): ReceiptCursor {
    return this.#cursors.get(userId) ?? NOWHERE;
  }

  /** What others may be shown of a member. Rule RCP-3. */
  storedOf(userId: string): ReceiptCursor {
    return this.#stored.get(userId) ?? NOWHERE;
  }

  storedCursors(): Iterable<ReceiptCursor> {
    return this.#stored.values();
  }

  /** Whether anything is waiting for a flush. */
  get isDirty(): boolean {
    return this.#moved.size > 0;
  }

  /** Moves a member's receipt forward; answers whether it moved. */
  move(userId: string, { delivered = 0, read = 0 }: Receipt, head: number, at: number): boolean {
    const old = this.of(userId);
    const nextRead = Math.max(old.read, Math.min(read, head));
    const nextDelivered = Math.max(old.delivered, nextRead, Math.min(delivered, head));
    if (nextRead === old.read && nextDelivered === old.delivered) return false;
    this.#cursors.set(userId, {
      delivered: nextDelivered,
      deliveredAt: nextDelivered === old.delivered ? old.deliveredAt : at,
      read: nextRead,
      readAt: nextRead === old.read ? old.readAt : at,
    });
    this.#moved.add(userId);
    return true;
  }

  forget(userId: string): void {
    this.#cursors.delete(userId);
    this.#stored.delete(userId);
    this.#moved.delete(userId);
  }

  forgetAll(): void {
    this.#cursors.clear();
    this.#stored.clear();
    this.#moved.clear();
  }

  /** The receipts that moved, each once with where it is now; they count as flushed from here on. */
  takeMoved(): MemberReceipt[] {
    const moved = [...this.#moved].map((userId) => this.receiptOf(userId));
    this.#moved = new Set();
    return moved;
  }

  /** These were stored as they were taken. */
  markStored(receipts: readonly MemberReceipt[]): void {
    for (const { userId } of receipts) {
      const cursor = this.#cursors.get(userId);
      if (cursor !== undefined) this.#stored.set(userId, cursor);
    }
  }

  /** After a flush that failed. */
  putBack(receipts: readonly MemberReceipt[]): void {
    for (const { userId } of receipts) if (this.#cursors.has(userId)) this.#moved.add(userId);
  }

  receiptOf(userId: string): MemberReceipt {
    const { delivered, read } = this.of(userId);
    return { userId, delivered, read };
  }
}

/** When a flush may run that is wanted at `now`: after a moment of gathering, and at most once a second. Rule RCP-3. */
export function flushAt(now: number, lastFlushAt: number, gatherMs: number): number {
  return Math.max(now + gatherMs, lastFlushAt + FLUSH_EVERY_MS);
}

/** Long enough for the receipts that one message causes, too short to be seen. */
export const RECEIPT_GATHER_MS = 50;
/** What a sender's own messages say of his reading is told with the receipts they cause, if any come. */
export const SENDER_GATHER_MS = 1_000;
const FLUSH_EVERY_MS = 1_000;
