import * as v from "valibot";
import { EventBatch } from "../../core/chat/event-batch.ts";
import { liveFrameSchema, type LiveFrame } from "../../core/chat/live-frame.ts";
import { MAX_FOLLOWED, offsetText, parseOffset } from "../../core/chat/recovery-offset.ts";
import { departingWith } from "../../core/sight.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import type { ReaderEvent } from "../../protocol/event.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type { StoredNotification } from "../../protocol/notification.ts";
import { fail, type Result } from "../../protocol/result.ts";
import { errorText, logEvent } from "../log.ts";
import type {
  ConversationView,
  Delivery,
  EventPage,
  Followed,
  HandOver,
  News,
  TargetedFrame,
} from "../rpc.ts";
import type { ConversationCalls } from "./conversation-calls.ts";
import { Feed, type Subscription } from "./feed.ts";
import type { FeedStore, Floors } from "./feed-store.ts";
import type { OffsetKeys } from "./offset-keys.ts";
import { peopleIn, type PeopleBook } from "./people-book.ts";
import type { Standing } from "./standings.ts";
import type { Subscriber } from "./subscriber.ts";

/** A page of what a connection has missed. */
export interface MissedPage extends Omit<EventPage, "events"> {
  events: readonly ReaderEvent[];
}

/** Which connections follow which conversations here, and the way from one to the other. */
export class Hub {
  readonly #gateway: string;
  readonly #calls: ConversationCalls;
  readonly #people: PeopleBook | null;
  readonly #store: FeedStore;
  readonly #keys: OffsetKeys;
  readonly #waitUntil: (promise: Promise<unknown>) => void;
  readonly #feeds = new Map<ConversationId, Feed>();
  readonly #feedOfKey = new Map<string, Feed>();
  readonly #followed = new Map<Subscriber, Set<Feed>>();
  readonly #ofUser = new Map<string, Set<Subscriber>>();

  constructor(parts: {
    gateway: string;
    calls: ConversationCalls;
    /** Null where no matricules are shown. */
    people: PeopleBook | null;
    store: FeedStore;
    keys: OffsetKeys;
    waitUntil: (promise: Promise<unknown>) => void;
  }) {
    this.#gateway = parts.gateway;
    this.#calls = parts.calls;
    this.#people = parts.people;
    this.#store = parts.store;
    this.#keys = parts.keys;
    this.#waitUntil = parts.waitUntil;
    for (const { conversationId, floors } of this.#store.load()) {
      this.#keep(this.#feedOf(conversationId, floors));
    }
  }

  /** Takes a connection in; after sleep with the conversations that it followed, as far as its offset goes. */
  add(subscriber: Subscriber, offset: string): void {
    const feeds = new Set<Feed>();
    this.#followed.set(subscriber, feeds);
    const others = this.#ofUser.get(subscriber.userId);
    if (others === undefined) this.#ofUser.set(subscriber.userId, new Set([subscriber]));
    else others.add(subscriber);
    for (const [key, cursor] of parseOffset(offset)?.cursors ?? []) {
      const feed = this.#feedOfKey.get(key);
      if (feed === undefined) continue;
      feed.add(subscriber, { cursor, notBefore: 0, isReading: false, isPaged: false });
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
    return this.#feeds.get(id)?.subscription(subscriber);
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
    const feed = this.#open(conversationId);
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
        notBefore: options.notBefore ?? 0,
        isReading: false,
        isPaged: options.isPaged ?? false,
      });
      this.#learn(feed, userId, { historyFrom, head: view.head });
      feed.head = Math.max(feed.head, view.head);
      return followed;
    } finally {
      this.#closeIfEmpty(feed);
    }
  }

  unfollow(subscriber: Subscriber, conversationId: ConversationId): void {
    const feed = this.#feeds.get(conversationId);
    if (feed === undefined) return;
    this.#followed.get(subscriber)?.delete(feed);
    this.#leave(subscriber, feed);
  }

  /** Reads what the connection misses until it is at the head; then what comes goes straight to it. */
  async catchUp(subscriber: Subscriber, conversationId: ConversationId): Promise<void> {
    const feed = this.#feeds.get(conversationId);
    const subscription = feed?.subscription(subscriber);
    if (feed === undefined || subscription === undefined || subscription.isReading) return;
    subscription.isReading = true;
    try {
      while (subscription.cursor < feed.head) {
        const page = await this.page(subscriber, conversationId);
        // it may have left, or signed out, while the call was under way
        if (feed.subscription(subscriber) !== subscription) return;
        if (page === null || page.cursor <= subscription.cursor) return;
        this.#serve(subscriber, feed, subscription, page);
        if (subscription.cursor < feed.head) await subscriber.room();
        if (feed.subscription(subscriber) !== subscription) return;
      }
    } catch (error) {
      // the next delivery shows the gap again
      logEvent("catch_up_failed", { conversationId, error: errorText(error) });
    } finally {
      subscription.isReading = false;
    }
  }

  /** Hands over a page that a connection has asked for; after the last one what comes goes straight to it. */
  async takePage(subscriber: Subscriber, id: ConversationId, page: MissedPage): Promise<void> {
    const feed = this.#feeds.get(id);
    const subscription = feed?.subscription(subscriber);
    if (feed === undefined || subscription?.isPaged !== true) return;
    subscription.isPaged = page.more;
    this.#serve(subscriber, feed, subscription, page);
    if (!page.more) await this.catchUp(subscriber, id);
  }

  /** The page after the connection's cursor, as its user gets it; null when he is no member. */
  async page(subscriber: Subscriber, conversationId: ConversationId): Promise<MissedPage | null> {
    const cursor = this.subscription(subscriber, conversationId)?.cursor ?? 0;
    const page = await this.#calls.call(conversationId, (stub) =>
      stub.catchUp(subscriber.userId, cursor),
    );
    if (!page.ok) {
      this.unfollow(subscriber, conversationId);
      subscriber.dropped(conversationId);
      return null;
    }
    const events = eventsOf(page.value.events);
    await this.#people?.know(peopleIn(events));
    return { ...page.value, events };
  }

  /**
   * News for one user from his Inbox: his connections follow the conversation from there on, as far as they follow what
   * comes up by itself. The conversation subscribes this Gateway for him right after.
   */
  async handOver(
    userId: UserId,
    { conversationId, news, entry }: HandOver,
  ): Promise<{ connected: boolean; following: boolean }> {
    const connections = this.connectionsOf(userId);
    if (news !== null) await this.#takeNews(userId, connections, news);
    this.#tellEntry(conversationId, userId, entry);
    const following = connections.some((subscriber) =>
      this.isFollowing(subscriber, conversationId),
    );
    return { connected: connections.length > 0, following };
  }

  async #takeNews(userId: UserId, connections: readonly Subscriber[], news: News): Promise<void> {
    const { conversationId, firstSeq } = news;
    const feed = this.#open(conversationId);
    for (const subscriber of connections) {
      if (feed.subscription(subscriber) !== undefined || !subscriber.takesNews(conversationId))
        continue;
      this.#makeRoom(subscriber);
      const cursor = Math.max(0, firstSeq - 1);
      const subscription = { cursor, notBefore: 0, isReading: false, isPaged: false };
      this.#subscribe(subscriber, feed, subscription);
    }
    this.#learn(feed, userId, news);
    await this.deliver(news);
    this.#closeIfEmpty(feed);
  }

  #tellEntry(conversationId: ConversationId, userId: string, entry: string): void {
    for (const subscriber of this.connectionsOf(userId)) subscriber.entry(conversationId, entry);
  }

  notify(userId: UserId, notification: StoredNotification): { connected: boolean } {
    const connections = this.connectionsOf(userId);
    for (const subscriber of connections) subscriber.notify(notification);
    return { connected: connections.length > 0 };
  }

  /** What was followed first goes first: it comes again as news. */
  #makeRoom(subscriber: Subscriber): void {
    const feeds = this.#followed.get(subscriber) ?? new Set();
    const [oldest] = feeds;
    if (feeds.size >= MAX_FOLLOWED && oldest !== undefined) {
      this.unfollow(subscriber, oldest.conversationId);
    }
  }

  async deliver(delivery: Delivery): Promise<{ following: boolean }> {
    const feed = this.#feeds.get(delivery.conversationId);
    if (feed === undefined || feed.isEmpty) return { following: false };
    const batch = new EventBatch(delivery.conversationId, eventsOf(delivery.events));
    const frames = new Map(delivery.frames.flatMap(readFrame));
    await this.#people?.know(peopleIn(batch.events, frames.keys()));
    if (batch.events.length > 0) {
      const departing = new Set(batch.events.flatMap((event) => this.#departing(feed, event)));
      for (const subscriber of feed.events(batch)) {
        this.#waitUntil(this.catchUp(subscriber, feed.conversationId));
      }
      for (const subscriber of departing) this.#drop(feed, subscriber);
    }
    for (const [frame, target] of frames) feed.frame(frame, target);
    for (const { userId, entry } of delivery.entries) {
      this.#tellEntry(feed.conversationId, userId, entry);
    }
    this.#closeIfEmpty(feed);
    return { following: this.#feeds.has(delivery.conversationId) };
  }

  #serve(subscriber: Subscriber, feed: Feed, subscription: Subscription, page: MissedPage): void {
    const after = subscription.cursor;
    const { conversationId } = feed;
    const missed = page.events.filter(({ at }) => at >= subscription.notBefore);
    const batch = new EventBatch(conversationId, missed);
    subscription.cursor = page.cursor;
    this.#learn(feed, subscriber.userId, page);
    feed.head = Math.max(feed.head, page.head);
    if (batch.events.length > 0) subscriber.events(batch, after, subscription.isPaged);
    subscriber.settled();
  }

  /** Whoever has left has seen why, and hears no more. */
  #drop(feed: Feed, subscriber: Subscriber): void {
    this.#followed.get(subscriber)?.delete(feed);
    feed.delete(subscriber);
    subscriber.dropped(feed.conversationId);
  }

  /** Connections here whose users the event puts out of the conversation, unless they have come back since. */
  #departing(feed: Feed, event: ReaderEvent): Subscriber[] {
    if (event.type === "dismissed") return feed.everybody();
    return departingWith(event)
      .flatMap((userId) => this.connectionsOf(userId))
      .filter((subscriber) => feed.isDeparting(subscriber, event.seq));
  }

  /** Rule GTW-4. */
  #learn(feed: Feed, userId: UserId, standing: Standing): void {
    const followers = this.#followersOf(feed, userId);
    if (followers.length === 0 || !feed.learn(userId, followers, standing)) return;
    this.#store.put(feed.conversationId, feed.floors);
  }

  /** The user's connections that follow the conversation. */
  #followersOf(feed: Feed, userId: string): Subscriber[] {
    return this.connectionsOf(userId).filter(
      (subscriber) => feed.subscription(subscriber) !== undefined,
    );
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
    this.#closeIfEmpty(feed);
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

  #open(conversationId: ConversationId): Feed {
    const known = this.#feeds.get(conversationId);
    if (known !== undefined) return known;
    const feed = this.#feedOf(conversationId);
    this.#keep(feed);
    this.#store.put(conversationId, {});
    return feed;
  }

  #feedOf(conversationId: ConversationId, floors?: Floors): Feed {
    return new Feed(conversationId, this.#keys.of(conversationId), floors);
  }

  #keep(feed: Feed): void {
    this.#feeds.set(feed.conversationId, feed);
    this.#feedOfKey.set(feed.key, feed);
  }

  #closeIfEmpty(feed: Feed): void {
    if (!feed.isEmpty || this.#feeds.get(feed.conversationId) !== feed) return;
    this.#feeds.delete(feed.conversationId);
    this.#feedOfKey.delete(feed.key);
    this.#store.delete(feed.conversationId);
  }
}

/** Events that a conversation has written, as JSON; its founding, seq 0, is no reader's. */
function eventsOf(text: string): ReaderEvent[] {
  // our own objects wrote it in this version of the code, or an earlier one that had the same events
  const events = JSON.parse(text) as ReaderEvent[];
  return events.filter(({ seq }) => seq > 0);
}

/** What passes, and to whom; nothing where a later version of this code has more to say. */
function readFrame(target: TargetedFrame): [LiveFrame, TargetedFrame][] {
  const parsed = v.safeParse(liveFrameSchema, JSON.parse(target.text));
  return parsed.success ? [[parsed.output, target]] : [];
}
