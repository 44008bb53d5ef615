import type { MemberRecord } from "../../core/conversation.ts";
import type { LogRow } from "../../core/event-text.ts";
import { flushAt, RECEIPT_GATHER_MS } from "../../core/receipts/receipt-book.ts";
import { ReceiptCounts } from "../../core/receipts/receipt-counts.ts";
import type { Receipt } from "../../protocol/client-frames.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { MemberReceipt } from "../../protocol/server-frames.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { FanOutEnd } from "./fan-out.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { ReceiptOutcome } from "../../edge/rpc/conversation-rpc.ts";

/**
 * Receipts from the reader to everybody: moved in memory at once, stored and told together at most once a second
 * (docs/decisions/0003-receipts.md). What is told is stored before, so that no crash moves a cursor back (RCP-3).
 */
export class ReceiptFlow {
  readonly #state: ConversationState;
  readonly #ends: readonly FanOutEnd[];
  readonly #waitUntil: (promise: Promise<unknown>) => void;
  readonly #stored: (userIds: readonly string[]) => void;
  #flushedAt = 0;
  /** The flush that is planned: when, epoch ms, and what calls it off. */
  #planned: { at: number; timer: AbortController } | null = null;
  /** Callers who wait for the next flush. */
  readonly #waiting: (() => void)[] = [];

  constructor(
    state: ConversationState,
    ends: readonly FanOutEnd[],
    waitUntil: (promise: Promise<unknown>) => void,
    stored: (userIds: readonly string[]) => void,
  ) {
    this.#state = state;
    this.#ends = ends;
    this.#waitUntil = waitUntil;
    this.#stored = stored;
  }

  /**
   * Moves a member's receipt, `all` up to the head; answers once it is stored. `now` costs a row, `soon` waits for the
   * flush that others share.
   */
  async receive(
    member: MemberRecord,
    receipt: Receipt | "all",
    urgency: "now" | "soon",
  ): Promise<ReceiptOutcome> {
    const { book, head } = this.#state;
    const { userId } = member;
    const before = this.#state.unreadOf(member);
    const moved = book.move(userId, receipt === "all" ? { read: head } : receipt, head, Date.now());
    const after = moved ? this.#state.unreadOf(member) : before;
    const outcome = {
      ...book.receiptOf(userId),
      ...after,
      readCount: before.unread - after.unread,
    };
    if (moved && urgency === "now") this.#flush();
    if (moved && urgency === "soon") await this.#flushed();
    return outcome;
  }

  /** The same without counting, for sockets: readers say how far they are with every message. */
  move(userId: string, receipt: Receipt): void {
    const { book, head } = this.#state;
    if (book.move(userId, receipt, head, Date.now())) this.schedule();
  }

  /** Somebody's receipt moved: it is stored and told within the second. Senders' own receipts are in no hurry. */
  schedule(gatherMs = RECEIPT_GATHER_MS): void {
    if (!this.#state.book.isDirty) return;
    const now = Date.now();
    const at = flushAt(now, this.#flushedAt, gatherMs);
    if (this.#planned !== null && this.#planned.at <= at) return;
    this.#planned?.timer.abort();
    const planned = { at, timer: new AbortController() };
    this.#planned = planned;
    this.#waitUntil(this.#flushAfter(at - now, planned.timer.signal));
  }

  /** Resolves with the next flush. */
  #flushed(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.schedule();
    return promise;
  }

  async #flushAfter(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await scheduler.wait(ms, { signal });
    } catch {
      return; // an earlier flush took its place
    }
    this.#planned = null;
    try {
      this.#flush();
    } catch (error) {
      logEvent("receipt_flush_failed", { error: errorText(error) });
      this.schedule();
    }
  }

  #flush(): void {
    this.#flushedAt = Date.now();
    const moved = this.#state.flushReceipts();
    if (moved.length > 0) this.#stored(moved.map(({ userId }) => userId));
    // members of a large one hear counts instead of names
    if (this.#state.members.isLarge) this.#tellCounts(moved);
    else if (moved.length > 0) this.#tell({ text: receiptsText(moved) });
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** To each author the counts of his newest messages, to each reader his own receipt for his other devices. */
  #tellCounts(moved: readonly MemberReceipt[]): void {
    for (const receipt of moved)
      this.#tell({ text: receiptsText([receipt]), only: receipt.userId });
    const counts = new ReceiptCounts([...this.#state.book.storedCursors()]);
    const byAuthor = Map.groupBy(this.#recentMessages(), ({ senderId }) => senderId);
    for (const [senderId, messages] of byAuthor) {
      const own = messages.map(({ seq }) => counts.at(seq));
      this.#tell({ text: JSON.stringify({ type: "receiptCounts", counts: own }), only: senderId });
    }
  }

  #recentMessages(): LogRow[] {
    const rows = this.#state.log.shownBefore(this.#state.head + 1, LIMITS.countedMessages);
    return rows.filter(({ type }) => type === "message");
  }

  #tell(frame: { text: string; only?: string }): void {
    for (const end of this.#ends) end.frame(frame);
  }
}

function receiptsText(receipts: readonly MemberReceipt[]): string {
  return JSON.stringify({ type: "receipts", receipts });
}
