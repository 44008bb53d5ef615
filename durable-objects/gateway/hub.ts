import { MAX_FOLLOWED, offsetText, parseOffset } from "../../core/chat/recovery-offset.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { fail, type Result } from "../../protocol/result.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { ConversationView, Followed } from "../../edge/rpc/conversation-rpc.ts";
import type { ConversationCalls } from "./conversation-calls.ts";
import type { Feed, Subscription } from "./feed.ts";
import type { OpenFeeds } from "./open-feeds.ts";
import type { Standing } from "./standings.ts";
import type { Subscriber } from "./subscriber.ts";

/** What comes in goes straight to the connection, all of it. */
const AT_REST = { notBefore: 0, isReading: false, isPaged: false, hasSlept: false };

/** Which connections follow which conversations here, and the way from one to the other. */
export class Hub {
  readonly #gateway: string;
  readonly #calls: ConversationCalls;
  readonly #feeds: OpenFeeds;
  readonly #waitUntil: (promise: Promise<unknown>) => void;
  readonly #followed = new Map<Subscriber, Set<Feed>>();
  readonly #ofUser = new Map<string, Set<Subscriber>>();

  constructor(parts: {
    gateway: string;
    calls: ConversationCalls;
    feeds: OpenFeeds;
    waitUntil: (promise: Promise<unknown>) => void;
  }) {
    this.#gateway = parts.gateway;
    this.#calls = parts.calls;
    this.#feeds = parts.feeds;
    this.#waitUntil = parts.waitUntil;
  }

  /** Takes a connection in; after sleep with the conversations that it followed, as far as its offset goes. */
  add(subscriber: Subscriber, offset: string): void {
    const feeds = new Set<Feed>();
    this.#followed.set(subscriber, feeds);
    const others = this.#ofUser.get(subscriber.userId);
    if (others === undefined) this.#ofUser.set(subscriber.userId, new Set([subscriber]));
    else others.add(subscriber);
    for (const [key, cursor] of parseOffset(offset)?.cursors ?? []) {
      const feed = this.#feeds.ofKey(key);
      if (feed === undefined) continue;
      feed.add(subscriber, { ...AT_REST, cursor, hasSlept: true });
      feeds.add(feed);
    }
  }

  /** The connection is gone, and with the user's last one here what he followed. */
  remove(subscriber: Subscriber): void {
    const feeds = this.#followed.get(subscriber) ?? new Set();
    this.#followed.delete(subscriber);
    const others = this.#ofUser.get(subscriber.userId);
    others?.delete(subscriber);
    if (others?.size === 0) this.#ofUser.delete(subscriber.userId);
    for (const feed of feeds) this.#leave(subscriber, feed);
  }

  connectionsOf(userId: string): Subscriber[] {
    return [...(this.#ofUser.get(userId) ?? [])];
  }

  isFollowing(subscriber: Subscriber, conversationId: ConversationId): boolean {
    return this.subscription(subscriber, conversationId) !== undefined;
  }

  subscription(subscriber: Subscriber, id: ConversationId): Subscription | undefined {
    return this.#feeds.find(id)?.subscription(subscriber);
  }

  conversationsOf(subscriber: Subscriber): ConversationId[] {
    return [...(this.#followed.get(subscriber) ?? [])].map(({ conversationId }) => conversationId);
  }

  /** Where the connection stands in everything that it follows. */
  offsetOf(subscriber: Subscriber): string {
    const entries: string[] = [];
    for (const feed of this.#followed.get(subscriber) ?? []) {
      entries.push(feed.offsetEntry(feed.subscription(subscriber)?.cursor ?? 0));
    }
    return offsetText(Date.now(), entries);
  }

  /**
   * The connection gets everything after `from`; from now on when that is left out. A conversation it follows already
   * stays as it is, and the call mends a link that was lost.
   */
  async follow(
    subscriber: Subscriber,
    conversationId: ConversationId,
    options: {
      from?: (view: ConversationView) => number;
      notBefore?: number;
      isPaged?: boolean;
    } = {},
  ): Promise<Result<Followed, Refusal>> {
    if ((this.#followed.get(subscriber)?.size ?? 0) >= MAX_FOLLOWED) {
      return fail(
        refusal("TOO_LARGE", `a connection follows at most ${MAX_FOLLOWED} conversations`),
      );
    }
    // before the call, so that what is delivered before its answer finds somebody
    const feed = this.#feeds.open(conversationId);
    const { userId } = subscriber;
    try {
      const followed = await feed.opening(userId, () =>
        this.#calls.call(conversationId, (stub) => stub.follow(this.#gateway, userId)),
      );
      if (!followed.ok) return followed;
      const { view, historyFrom, receipts } = followed.value;
      feed.know(receipts);
      this.#subscribe(subscriber, feed, {
        cursor: Math.max(options.from?.(view) ?? view.head, historyFrom),
        ...AT_REST,
        notBefore: options.notBefore ?? 0,
        isPaged: options.isPaged ?? false,
      });
      this.learn(feed, userId, { historyFrom, head: view.head });
      feed.head = Math.max(feed.head, view.head);
      return followed;
    } finally {
      this.#feeds.closeIfEmpty(feed);
    }
  }

  unfollow(subscriber: Subscriber, conversationId: ConversationId): void {
    const feed = this.#feeds.find(conversationId);
    if (feed === undefined) return;
    this.#followed.get(subscriber)?.delete(feed);
    this.#leave(subscriber, feed);
  }

  /** The connection takes what has come up by itself. What it followed first makes room: it comes again as news. */
  followNews(subscriber: Subscriber, feed: Feed, cursor: number): void {
    const feeds = this.#followed.get(subscriber) ?? new Set();
    const [oldest] = feeds;
    if (feeds.size >= MAX_FOLLOWED && oldest !== undefined) {
      this.unfollow(subscriber, oldest.conversationId);
    }
    this.#subscribe(subscriber, feed, { ...AT_REST, cursor });
  }

  /** The conversation carries nothing to the user any more, and knows it. */
  putOut(subscriber: Subscriber, feed: Feed): void {
    this.#followed.get(subscriber)?.delete(feed);
    feed.delete(subscriber);
  }

  /** How the user stands, as the conversation has said just now. Rule GTW-4. */
  learn(feed: Feed, userId: UserId, standing: Standing): void {
    const followers = this.#followersOf(feed, userId);
    if (followers.length === 0 || !feed.learn(userId, followers, standing)) return;
    this.#feeds.keepFloors(feed);
  }

  #subscribe(subscriber: Subscriber, feed: Feed, subscription: Subscription): void {
    const feeds = this.#followed.get(subscriber);
    // it may have gone while the call was under way
    if (feeds === undefined) return this.#unfollow(feed, subscriber.userId);
    if (feeds.has(feed)) return;
    feeds.add(feed);
    feed.add(subscriber, subscription);
  }

  #leave(subscriber: Subscriber, feed: Feed): void {
    feed.delete(subscriber);
    this.#unfollow(feed, subscriber.userId);
    this.#feeds.closeIfEmpty(feed);
  }

  /** The user's connections that follow the conversation. */
  #followersOf(feed: Feed, userId: string): Subscriber[] {
    return this.connectionsOf(userId).filter(
      (subscriber) => feed.subscription(subscriber) !== undefined,
    );
  }

  /** Takes the user off the conversation's list, if no other connection of his needs it. */
  #unfollow(feed: Feed, userId: UserId): void {
    if (feed.isOpening(userId) || this.#followersOf(feed, userId).length > 0) return;
    const call = this.#calls.call(feed.conversationId, (stub) =>
      stub.unfollow(this.#gateway, [userId]),
    );
    this.#waitUntil(
      call.catch((error: unknown) => {
        // the next delivery that finds nobody ends it as well
        logEvent("unfollow_failed", {
          conversationId: feed.conversationId,
          error: errorText(error),
        });
      }),
    );
  }
}
