import * as v from "valibot";
import { parseConversationId, type ConversationId } from "../../protocol/ids.ts";

const PREFIX = "feed:";

/** Seq after which a user's history begins, by user id. */
export type Floors = Readonly<Record<string, number>>;

/** An earlier version of this code kept a number that said nothing. */
const floorsSchema = v.fallback(v.record(v.string(), v.number()), {});

/** What is followed here, and from where on who may read it: a connection's offset can be read after sleep. */
export class FeedStore {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  load(): { conversationId: ConversationId; floors: Floors }[] {
    return [...this.#storage.kv.list({ prefix: PREFIX })].flatMap(([key, stored]) => {
      const id = parseConversationId(key.slice(PREFIX.length));
      return id.ok ? [{ conversationId: id.value, floors: v.parse(floorsSchema, stored) }] : [];
    });
  }

  put(conversationId: ConversationId, floors: Floors): void {
    // if the write fails, the object is reset and its connections with it
    void this.#storage.put(`${PREFIX}${conversationId}`, floors, { allowUnconfirmed: true });
  }

  delete(conversationId: ConversationId): void {
    // as above
    void this.#storage.delete(`${PREFIX}${conversationId}`, { allowUnconfirmed: true });
  }
}
