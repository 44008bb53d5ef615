import type { EventBatch } from "../../core/chat/event-batch.ts";
import { SharedFrame, type LiveFrame } from "../../core/chat/live-frame.ts";
import { offsetEntry } from "../../core/chat/recovery-offset.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { statusChange } from "../../core/chat/status-changes.ts";
import type { MemberReceipt } from "../../protocol/server-frames.ts";
import type { TargetedFrame } from "../rpc.ts";
import type { FollowedConversation, ReadChange, Subscriber } from "./subscriber.ts";

/** How one connection stands in one conversation. */
export interface Subscription {
  /** Seq up to which it has everything. */
  cursor: number;
  /** Pages are being read for it; what comes meanwhile is left to them. */
  isReading: boolean;
  /** Epoch ms: what is older was not missed, and is not told. */
  notBefore: number;
  /** It asks for each page itself, and is behind until the last one. */
  isPaged: boolean;
}

/** One conversation as it comes in: once for all its connections here. */
export class Feed implements FollowedConversation {
  readonly conversationId: ConversationId;
  readonly key: string;
  readonly #subscriptions = new Map<Subscriber, Subscription>();
  /** Seq of the newest event that has come or was heard of. */
  head = 0;
  /** Of members, as far as they were told here. */
  readonly #receipts = new Map<string, MemberReceipt>();
  /** Users for whom a call is under way that will subscribe them: until it ends, they are not gone. */
  readonly #opening: UserId[] = [];
  #entry: { cursor: number; text: string } | null = null;

  /** `key` names the conversation in offsets. */
  constructor(conversationId: ConversationId, key: string) {
    this.conversationId = conversationId;
    this.key = key;
  }

  /** Its part of the offset of a connection that has got so far; nearly always as far as the one before. */
  offsetEntry(cursor: number): string {
    if (this.#entry?.cursor !== cursor)
      this.#entry = { cursor, text: offsetEntry(this.key, cursor) };
    return this.#entry.text;
  }

  get isEmpty(): boolean {
    return this.#subscriptions.size === 0 && this.#opening.length === 0;
  }

  /** Holds the user's place while `open` asks the conversation. */
  async opening<T>(userId: UserId, open: () => Promise<T>): Promise<T> {
    this.#opening.push(userId);
    try {
      return await open();
    } finally {
      this.#opening.splice(this.#opening.indexOf(userId), 1);
    }
  }

  subscription(subscriber: Subscriber): Subscription | undefined {
    return this.#subscriptions.get(subscriber);
  }

  add(subscriber: Subscriber, subscription: Subscription): void {
    this.#subscriptions.set(subscriber, subscription);
    this.head = Math.max(this.head, subscription.cursor);
  }

  delete(subscriber: Subscriber): void {
    this.#subscriptions.delete(subscriber);
  }

  isOpening(userId: UserId): boolean {
    return this.#opening.includes(userId);
  }

  everybody(): Subscriber[] {
    return [...this.#subscriptions.keys()];
  }

  /** Hands events to everybody who is just before them; answers those who have to read them or what is in between. Rule GTW-2. */
  events(batch: EventBatch, withheld: ReadonlySet<string>): Subscriber[] {
    const { firstSeq, lastSeq } = batch;
    this.head = Math.max(this.head, lastSeq);
    const behind: Subscriber[] = [];
    const served: Subscriber[] = [];
    for (const [subscriber, subscription] of this.#subscriptions) {
      if (subscription.isReading || subscription.isPaged || lastSeq <= subscription.cursor)
        continue;
      if (firstSeq > subscription.cursor + 1 || withheld.has(subscriber.userId)) {
        behind.push(subscriber);
        continue;
      }
      subscriber.events(batch, subscription.cursor);
      subscription.cursor = lastSeq;
      served.push(subscriber);
    }
    for (const subscriber of served) subscriber.settled();
    return behind;
  }

  know(receipts: readonly MemberReceipt[]): void {
    for (const receipt of receipts) {
      if (!this.#receipts.has(receipt.userId)) this.#receipts.set(receipt.userId, receipt);
    }
  }

  changesOf(frame: Extract<LiveFrame, { type: "receipts" }>): readonly ReadChange[] {
    return frame.receipts.flatMap((receipt): ReadChange[] => {
      const before = this.#receipts.get(receipt.userId);
      const change = statusChange(before, receipt);
      this.#receipts.set(receipt.userId, receipt);
      const readCount = before === undefined ? 0 : Math.max(0, receipt.read - before.read);
      return change === null ? [] : [{ ...change, readCount }];
    });
  }

  frame(frame: LiveFrame, { except, only }: TargetedFrame): void {
    const shared = new SharedFrame(frame);
    for (const subscriber of this.#subscriptions.keys()) {
      const { userId } = subscriber;
      if (userId !== except && (only === undefined || userId === only)) {
        subscriber.frame(this, shared);
      }
    }
  }
}
