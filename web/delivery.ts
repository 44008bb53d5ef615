import type { SessionEvents } from "../client/index.ts";
import type { Members } from "./members.ts";
import type { Progress } from "./progress.ts";

type Receipts = SessionEvents["receipts"];

/** How far own messages have got: from everybody's receipts, in a large conversation from counts. Rules RCP-4 and RCP-5. */
export class Delivery {
  readonly #members: Members;
  readonly #isGroup: boolean;
  readonly #receipts = new Map<string, Receipts[number]>();
  readonly #counts = new Map<number, { delivered: number; read: number }>();

  constructor(members: Members, isGroup: boolean) {
    this.#members = members;
    this.#isGroup = isGroup;
  }

  /** Receipts only grow; one that comes late changes nothing. Rule RCP-2. */
  tell(receipts: Receipts): void {
    for (const { userId, delivered, read } of receipts) {
      const known = this.#receipts.get(userId);
      this.#receipts.set(userId, {
        userId,
        delivered: Math.max(delivered, known?.delivered ?? 0),
        read: Math.max(read, known?.read ?? 0),
      });
    }
  }

  count(counts: SessionEvents["receiptCounts"]): void {
    for (const { seq, ...count } of counts) this.#counts.set(seq, count);
  }

  /** Another log: what was said of the old one means nothing. */
  clear(): void {
    this.#receipts.clear();
    this.#counts.clear();
  }

  /** Of an own message that is stored. */
  of(seq: number): Progress {
    const total = this.#members.recipients(seq);
    const { delivered, read } = this.#counts.get(seq) ?? this.#countUp(seq);
    const hasAll = (count: number) => total > 0 && count >= total;
    const state = hasAll(read) ? "read" : hasAll(delivered) ? "delivered" : "stored";
    if (!this.#isGroup || delivered === 0) return { state };
    if (state === "read") return { state, label: "Read by all" };
    const got =
      state === "delivered" ? "Delivered to all" : `Delivered to ${delivered} of ${total}`;
    return { state, label: read === 0 ? got : `${got}, read by ${read} of ${total}` };
  }

  #countUp(seq: number): { delivered: number; read: number } {
    let [delivered, read] = [0, 0];
    for (const receipt of this.#receipts.values()) {
      if (!this.#members.isRecipient(receipt.userId, seq)) continue;
      if (receipt.delivered >= seq) delivered += 1;
      if (receipt.read >= seq) read += 1;
    }
    return { delivered, read };
  }
}
