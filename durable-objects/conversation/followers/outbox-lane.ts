import * as v from "valibot";
import { nextOutboxAlarm, type PublishOutcome } from "../../../core/outbox.ts";
import { ReceiptQueue } from "../../../core/receipts/receipt-queue.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { OutboxReceipt } from "../../../protocol/outbox-frames.ts";
import type { ConversationState } from "../conversation-state.ts";
import { outboxEvents } from "./outbox-page.ts";

/** What a lane hands over; who it goes to and of what conversation it is, its publisher adds. */
export interface LaneBatch {
  eventsText: string;
  receiptsText: string;
  /** Events and receipts. */
  count: number;
  lastSeq: number;
}

/** Before the founding event, seq 0, has been acked. */
const NOTHING_ACKED = -1;

const progressSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ acked: v.number(), receiptsAt: v.number() }),
);

/**
 * Brings the log to one sink: `acked` is how far the sink has it. One batch at a time, so order holds. Progress lives
 * in memory and is stored when it has been quiet for a while, or by the alarm: a crash repeats batches, it never skips
 * one. Rules OBX-3 and OBX-8.
 */
export class OutboxLane {
  readonly #state: ConversationState;
  readonly #key: string;
  readonly #receipts: ReceiptQueue;
  readonly #publish: (batch: LaneBatch) => Promise<PublishOutcome | null>;
  #acked: number;
  #failures = 0;
  #publishing = false;
  #round: Promise<void> = Promise.resolve();
  #stored: SqlStorageValue | undefined;
  /** The shard has no room and will call back; until then commits need not ask it again. */
  #deferred = false;
  /** The shard called back since the present batch left, so a refusal of that batch is out of date. */
  #calledBack = false;

  /** `publish` never rejects; null when the shard did not answer. */
  constructor(
    sink: string,
    state: ConversationState,
    publish: (batch: LaneBatch) => Promise<PublishOutcome | null>,
  ) {
    this.#state = state;
    this.#key = `outbox.${sink}`;
    this.#publish = publish;
    this.#stored = state.meta.get(this.#key);
    const stored = v.safeParse(progressSchema, this.#stored);
    this.#acked = stored.success ? stored.output.acked : NOTHING_ACKED;
    const receiptsAt = stored.success ? stored.output.receiptsAt : 0;
    this.#receipts = new ReceiptQueue(state.storedReceipts(), receiptsAt);
  }

  /** Publishes what the sink does not have, in the background. Failures stay with the alarm. */
  kick(): void {
    if (this.#publishing || this.#deferred) return;
    this.#round = this.#publishAll(); // rejects only when the object is broken, and the alarm comes again
  }

  /** The shard called back, or the alarm looks again. */
  resume(): void {
    this.#deferred = false;
    this.#calledBack = true;
    this.kick();
  }

  /** Receipts that are stored by now. */
  add(receipts: readonly OutboxReceipt[]): void {
    for (const receipt of receipts) this.#receipts.add(receipt);
  }

  /** When the alarm should look again, in epoch ms; null when the sink has everything. */
  due(now: number): number | null {
    return nextOutboxAlarm({ isBehind: this.#isBehind, failures: this.#failures }, now);
  }

  /** Resolves when nothing is under way any more. */
  idle(): Promise<void> {
    return this.#round;
  }

  /** Stores how far the sink is. */
  settle(): void {
    const progress = { acked: this.#acked, receiptsAt: this.#receipts.settledAt };
    const text = JSON.stringify(progress);
    if (text === this.#stored) return;
    this.#state.meta.set(this.#key, text);
    this.#stored = text;
  }

  get #isBehind(): boolean {
    return this.#acked < this.#state.head || !this.#receipts.isEmpty;
  }

  /** `#publishing` ends in the turn that finds nothing left: a kick after it starts anew, none falls in between. */
  async #publishAll(): Promise<void> {
    this.#publishing = true;
    try {
      let isGoing = true;
      while (isGoing && this.#isBehind) {
        this.#calledBack = false;
        const isAcked = await this.#publishBatch();
        this.#failures = isAcked ? 0 : this.#failures + 1;
        isGoing = isAcked || this.#calledBack;
      }
    } finally {
      this.#publishing = false;
    }
  }

  async #publishBatch(): Promise<boolean> {
    const events = outboxEvents(this.#state, this.#acked);
    // the founding goes first: before it no sink knows what the receipts are of
    const receipts = this.#acked === NOTHING_ACKED ? [] : this.#receipts.next(LIMITS.pageEvents);
    const lastSeq = this.#acked + events.length;
    const outcome = await this.#publish({
      eventsText: `[${events.join(",")}]`,
      receiptsText: JSON.stringify(receipts),
      count: events.length + receipts.length,
      lastSeq,
    });
    if (outcome === null) return false;
    if (outcome.state === "deferred") {
      this.#deferred = !this.#calledBack;
      return false;
    }
    this.#acked = Math.max(this.#acked, outcome.seq);
    if (outcome.seq < lastSeq) return false;
    this.#receipts.acked(receipts);
    return true;
  }
}
