import { EventBatch } from "../../core/chat/event-batch.ts";
import type { ReaderEvent } from "../../protocol/event.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { EventPage } from "../../edge/rpc/conversation-rpc.ts";
import type { ConversationCalls } from "./conversation-calls.ts";
import type { Feed, Subscription } from "./feed.ts";
import type { Hub } from "./hub.ts";
import type { OpenFeeds } from "./open-feeds.ts";
import { peopleIn, type PeopleBook } from "./people-book.ts";
import { readerEvents } from "./reader-events.ts";
import type { Subscriber } from "./subscriber.ts";

/** A page of what a connection has missed. */
export interface MissedPage extends Omit<EventPage, "events"> {
  events: readonly ReaderEvent[];
}

/** What connections have missed: read from the conversation, page by page, until they are where its events come in. */
export class MissedEvents {
  readonly #hub: Hub;
  readonly #feeds: OpenFeeds;
  readonly #calls: ConversationCalls;
  readonly #people: PeopleBook | null;

  constructor(parts: {
    hub: Hub;
    feeds: OpenFeeds;
    calls: ConversationCalls;
    /** Null where no matricules are shown. */
    people: PeopleBook | null;
  }) {
    this.#hub = parts.hub;
    this.#feeds = parts.feeds;
    this.#calls = parts.calls;
    this.#people = parts.people;
  }

  /** Reads what the connection misses until it is at the head; then what comes goes straight to it. */
  async catchUp(subscriber: Subscriber, conversationId: ConversationId): Promise<void> {
    const feed = this.#feeds.find(conversationId);
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

  /** The page that a connection asks for; nothing when it has all, or when one is on its way already. Rule RES-3. */
  async nextPage(subscriber: Subscriber, id: ConversationId): Promise<void> {
    const subscription = this.#hub.subscription(subscriber, id);
    if (subscription === undefined || subscription.isReading) return;
    if (!subscription.isPaged && !subscription.hasSlept) return;
    subscription.hasSlept = false;
    subscription.isPaged = true;
    subscription.isReading = true;
    let page: MissedPage | null;
    try {
      page = await this.page(subscriber, id);
    } finally {
      subscription.isReading = false;
    }
    // it may have said bye, and hello again, while the call was under way
    if (page === null || this.#hub.subscription(subscriber, id) !== subscription) return;
    await this.takePage(subscriber, id, page);
  }

  /** Hands over a page that was read for a connection; after the last one what comes goes straight to it. */
  async takePage(subscriber: Subscriber, id: ConversationId, page: MissedPage): Promise<void> {
    const feed = this.#feeds.find(id);
    const subscription = feed?.subscription(subscriber);
    if (feed === undefined || subscription?.isPaged !== true) return;
    subscription.isPaged = page.more;
    this.#serve(subscriber, feed, subscription, page);
    if (!page.more) await this.catchUp(subscriber, id);
  }

  /** The page after the connection's cursor, as its user gets it; null when he is no member. */
  async page(subscriber: Subscriber, conversationId: ConversationId): Promise<MissedPage | null> {
    const cursor = this.#hub.subscription(subscriber, conversationId)?.cursor ?? 0;
    const page = await this.#calls.call(conversationId, (stub) =>
      stub.catchUp(subscriber.userId, cursor),
    );
    if (!page.ok) {
      this.#hub.unfollow(subscriber, conversationId);
      subscriber.dropped(conversationId);
      return null;
    }
    const events = readerEvents(page.value.events);
    await this.#people?.know(peopleIn(events));
    return { ...page.value, events };
  }

  #serve(subscriber: Subscriber, feed: Feed, subscription: Subscription, page: MissedPage): void {
    const after = subscription.cursor;
    const missed = page.events.filter(({ at }) => at >= subscription.notBefore);
    const batch = new EventBatch(feed.conversationId, missed);
    subscription.cursor = page.cursor;
    this.#hub.learn(feed, subscriber.userId, page);
    feed.head = Math.max(feed.head, page.head);
    if (batch.events.length > 0) subscriber.events(batch, after, subscription.isPaged);
    subscriber.settled();
  }
}
