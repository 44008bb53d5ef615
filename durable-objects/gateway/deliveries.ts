import * as v from "valibot";
import { EventBatch } from "../../core/chat/event-batch.ts";
import { liveFrameSchema, type LiveFrame } from "../../core/chat/live-frame.ts";
import { departingWith } from "../../core/sight.ts";
import type { ReaderEvent } from "../../protocol/event.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type { StoredNotification } from "../../protocol/notification.ts";
import type { Delivery, HandOver, News, TargetedFrame } from "../../edge/rpc/gateway-rpc.ts";
import type { Feed } from "./feed.ts";
import type { Hub } from "./hub.ts";
import type { MissedEvents } from "./missed-events.ts";
import type { OpenFeeds } from "./open-feeds.ts";
import { peopleIn, type PeopleBook } from "./people-book.ts";
import { readerEvents } from "./reader-events.ts";
import type { Subscriber } from "./subscriber.ts";

/** What Conversations and Inboxes send here, on its way to the connections that it is for. */
export class Deliveries {
  readonly #hub: Hub;
  readonly #feeds: OpenFeeds;
  readonly #missed: MissedEvents;
  readonly #people: PeopleBook | null;
  readonly #waitUntil: (promise: Promise<unknown>) => void;

  constructor(parts: {
    hub: Hub;
    feeds: OpenFeeds;
    missed: MissedEvents;
    /** Null where no matricules are shown. */
    people: PeopleBook | null;
    waitUntil: (promise: Promise<unknown>) => void;
  }) {
    this.#hub = parts.hub;
    this.#feeds = parts.feeds;
    this.#missed = parts.missed;
    this.#people = parts.people;
    this.#waitUntil = parts.waitUntil;
  }

  async deliver(delivery: Delivery): Promise<{ following: boolean }> {
    const feed = this.#feeds.find(delivery.conversationId);
    if (feed === undefined || feed.isEmpty) return { following: false };
    const batch = new EventBatch(delivery.conversationId, readerEvents(delivery.events));
    const frames = new Map(delivery.frames.flatMap(readFrame));
    await this.#people?.know(peopleIn(batch.events, frames.keys()));
    if (batch.events.length > 0) {
      const departing = new Set(batch.events.flatMap((event) => this.#departing(feed, event)));
      for (const subscriber of feed.events(batch)) {
        this.#waitUntil(this.#missed.catchUp(subscriber, feed.conversationId));
      }
      for (const subscriber of departing) this.#drop(feed, subscriber);
    }
    for (const [frame, target] of frames) feed.frame(frame, target);
    for (const { userId, entry } of delivery.entries) {
      this.#tellEntry(feed.conversationId, userId, entry);
    }
    this.#feeds.closeIfEmpty(feed);
    return { following: this.#feeds.find(delivery.conversationId) !== undefined };
  }

  /**
   * News for one user from his Inbox: his connections follow the conversation from there on, as far as they follow what
   * comes up by itself. The conversation subscribes this Gateway for him right after.
   */
  async handOver(
    userId: UserId,
    { conversationId, news, entry }: HandOver,
  ): Promise<{ connected: boolean; following: boolean }> {
    const connections = this.#hub.connectionsOf(userId);
    if (news !== null) await this.#takeNews(userId, connections, news);
    this.#tellEntry(conversationId, userId, entry);
    const following = connections.some((subscriber) =>
      this.#hub.isFollowing(subscriber, conversationId),
    );
    return { connected: connections.length > 0, following };
  }

  notify(userId: UserId, notification: StoredNotification): { connected: boolean } {
    const connections = this.#hub.connectionsOf(userId);
    for (const subscriber of connections) subscriber.notify(notification);
    return { connected: connections.length > 0 };
  }

  async #takeNews(userId: UserId, connections: readonly Subscriber[], news: News): Promise<void> {
    const { conversationId, firstSeq } = news;
    const feed = this.#feeds.open(conversationId);
    for (const subscriber of connections) {
      if (feed.subscription(subscriber) !== undefined || !subscriber.takesNews(conversationId))
        continue;
      this.#hub.followNews(subscriber, feed, Math.max(0, firstSeq - 1));
    }
    this.#hub.learn(feed, userId, news);
    await this.deliver(news);
    this.#feeds.closeIfEmpty(feed);
  }

  #tellEntry(conversationId: ConversationId, userId: string, entry: string): void {
    for (const subscriber of this.#hub.connectionsOf(userId)) {
      subscriber.entry(conversationId, entry);
    }
  }

  /** Connections here whose users the event puts out of the conversation, unless they have come back since. */
  #departing(feed: Feed, event: ReaderEvent): Subscriber[] {
    if (event.type === "dismissed") return feed.everybody();
    return departingWith(event)
      .flatMap((userId) => this.#hub.connectionsOf(userId))
      .filter((subscriber) => feed.isDeparting(subscriber, event.seq));
  }

  /** Whoever has left has seen why, and hears no more. */
  #drop(feed: Feed, subscriber: Subscriber): void {
    this.#hub.putOut(subscriber, feed);
    subscriber.dropped(feed.conversationId);
  }
}

/** What passes, and to whom; nothing where a later version of this code has more to say. */
function readFrame(target: TargetedFrame): [LiveFrame, TargetedFrame][] {
  const parsed = v.safeParse(liveFrameSchema, JSON.parse(target.text));
  return parsed.success ? [[parsed.output, target]] : [];
}
