import type { ConversationId } from "../../protocol/ids.ts";
import { Feed } from "./feed.ts";
import type { FeedStore, Floors } from "./feed-store.ts";
import type { OffsetKeys } from "./offset-keys.ts";

/** The conversations that come in here, by their ids and by their keys in offsets; known again after a sleep. */
export class OpenFeeds {
  readonly #store: FeedStore;
  readonly #keys: OffsetKeys;
  readonly #feeds = new Map<ConversationId, Feed>();
  readonly #ofKey = new Map<string, Feed>();

  constructor(store: FeedStore, keys: OffsetKeys) {
    this.#store = store;
    this.#keys = keys;
    for (const { conversationId, floors } of store.load()) this.#keep(conversationId, floors);
  }

  find(conversationId: ConversationId): Feed | undefined {
    return this.#feeds.get(conversationId);
  }

  ofKey(key: string): Feed | undefined {
    return this.#ofKey.get(key);
  }

  open(conversationId: ConversationId): Feed {
    const known = this.#feeds.get(conversationId);
    if (known !== undefined) return known;
    this.#store.put(conversationId, {});
    return this.#keep(conversationId);
  }

  keepFloors(feed: Feed): void {
    this.#store.put(feed.conversationId, feed.floors);
  }

  closeIfEmpty(feed: Feed): void {
    if (!feed.isEmpty || this.#feeds.get(feed.conversationId) !== feed) return;
    this.#feeds.delete(feed.conversationId);
    this.#ofKey.delete(feed.key);
    this.#store.delete(feed.conversationId);
  }

  #keep(conversationId: ConversationId, floors?: Floors): Feed {
    const feed = new Feed(conversationId, this.#keys.of(conversationId), floors);
    this.#feeds.set(conversationId, feed);
    this.#ofKey.set(feed.key, feed);
    return feed;
  }
}
