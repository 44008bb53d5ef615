import type { EventBatch } from "../../core/chat/event-batch.ts";
import { SharedFrame, type LiveFrame } from "../../core/chat/live-frame.ts";
import { offsetEntry } from "../../core/chat/recovery-offset.ts";
import type { Reader } from "../../core/sight.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { statusChange } from "../../core/chat/status-changes.ts";
import type { MemberReceipt } from "../../protocol/server-frames.ts";
import type { TargetedFrame } from "../../edge/rpc/gateway-rpc.ts";
import type { Floors } from "./feed-store.ts";
import { Standings, type Standing } from "./standings.ts";
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
  /** Taken back after a sleep, over which is not known whether it was asking for pages. */
  hasSlept: boolean;
}

/** One conversation as it comes in: once for all its connections here. */
export class Feed implements FollowedConversation {
  readonly conversationId: ConversationId;
  readonly key: string;
  readonly #subscriptions = new Map<Subscriber, Subscription>();
  /** Seq of the newest event that has come or was heard of. */
  head = 0;
  readonly #standings: Standings;
  /** Of members, as far as they were told here. */
  readonly #receipts = new Map<string, MemberReceipt>();
  /** Users for whom a call is under way that will subscribe them: until it ends, they are not gone. */
  readonly #opening: UserId[] = [];
  #entry: { cursor: number; text: string } | null = null;

  /** `key` names the conversation in offsets; `floors` are those that the feed had before the object slept. */
  constructor(conversationId: ConversationId, key: string, floors: Floors = {}) {
    this.conversationId = conversationId;
    this.key = key;
    this.#standings = new Standings(floors);
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

  get floors(): Floors {
    return this.#standings.floors;
  }

  /**
   * The user's connections, all that follow it, hear nothing from before his history. Answers whether his floor is another
   * one. Rule GTW-4.
   */
  learn(userId: string, followers: readonly Subscriber[], standing: Standing): boolean {
    if (!this.#standings.learn(userId, standing)) return false;
    for (const follower of followers) {
      const subscription = this.#subscriptions.get(follower);
      if (subscription === undefined) continue;
      subscription.cursor = Math.max(subscription.cursor, standing.historyFrom);
    }
    return true;
  }

  /** Whether an event that puts the user out is news to this connection: he has not come back since. */
  isDeparting(subscriber: Subscriber, seq: number): boolean {
    const subscription = this.#subscriptions.get(subscriber);
    return subscription !== undefined && seq > this.#readerOf(subscriber, subscription).memberAt;
  }

  #readerOf({ userId }: Subscriber, { cursor }: Subscription): Reader {
    const { historyFrom, head } = this.#standings.of(userId);
    return { userId, historyFrom, memberAt: Math.max(cursor, head) };
  }

  isOpening(userId: UserId): boolean {
    return this.#opening.includes(userId);
  }

  everybody(): Subscriber[] {
    return [...this.#subscriptions.keys()];
  }

  /** Hands events to everybody who is just before them; answers those who miss something in between. Rules GTW-2 and GTW-4. */
  events(batch: EventBatch): Subscriber[] {
    const { firstSeq, lastSeq } = batch;
    this.head = Math.max(this.head, lastSeq);
    const behind: Subscriber[] = [];
    const served: Subscriber[] = [];
    for (const [subscriber, subscription] of this.#subscriptions) {
      if (subscription.isReading || subscription.isPaged || lastSeq <= subscription.cursor)
        continue;
      if (firstSeq > subscription.cursor + 1) {
        behind.push(subscriber);
        continue;
      }
      const seen = batch.isAlike ? batch : batch.seenBy(this.#readerOf(subscriber, subscription));
      subscriber.events(seen, subscription.cursor);
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

  frame(frame: LiveFrame, { except, only, hiddenFrom }: TargetedFrame): void {
    const shared = new SharedFrame(frame);
    const hidden = new Set(hiddenFrom);
    for (const subscriber of this.#subscriptions.keys()) {
      const { userId } = subscriber;
      if (hidden.has(userId)) continue;
      if (userId !== except && (only === undefined || userId === only)) {
        subscriber.frame(this, shared);
      }
    }
  }
}
