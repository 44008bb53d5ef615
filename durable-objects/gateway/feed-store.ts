import { parseConversationId, type ConversationId } from "../../protocol/ids.ts";

const PREFIX = "feed:";

/** Names of the conversations that are followed here, so that a connection's offset can be read after sleep. */
export class FeedStore {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  load(): ConversationId[] {
    return [...this.#storage.kv.list({ prefix: PREFIX })].flatMap(([key]) => {
      const id = parseConversationId(key.slice(PREFIX.length));
      return id.ok ? [id.value] : [];
    });
  }

  add(conversationId: ConversationId): void {
    // if the write fails, the object is reset and its connections with it
    void this.#storage.put(`${PREFIX}${conversationId}`, 1, { allowUnconfirmed: true });
  }

  delete(conversationId: ConversationId): void {
    // as above
    void this.#storage.delete(`${PREFIX}${conversationId}`, { allowUnconfirmed: true });
  }
}
