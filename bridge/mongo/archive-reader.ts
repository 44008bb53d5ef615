import { MongoClient, type Db, type Document } from "mongodb";
import type { FoundDocument, FoundDocuments } from "../../core/bridging/archive-audit.ts";
import { MONGO_TIMEOUTS, type MongoOptions } from "./mongo-options.ts";
import type { Archived } from "./mongo-upserts.ts";

/** Reads the archive in MongoDB for an audit. Changes nothing. */
export class ArchiveReader {
  readonly #client: MongoClient;
  readonly #db: Db;

  constructor({ uri, database }: MongoOptions) {
    this.#client = new MongoClient(uri, {
      readConcern: { level: "majority" },
      ...MONGO_TIMEOUTS,
    });
    this.#db = this.#client.db(database);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** The messages from `first` to `last`, those by id beside, and the conversation. */
  async page(
    conversationId: string,
    [first, last]: readonly [number, number],
    ids: readonly string[],
  ): Promise<FoundDocuments> {
    const messages = new Map<string, FoundDocument>();
    const keep = (document: Document) => messages.set(String(document["_id"]), found(document));
    const range = { conversationId, seq: { $gte: first, $lte: last } };
    for await (const document of this.#messages.find(range)) keep(document);
    const others = ids.filter((id) => !messages.has(id));
    if (others.length > 0) {
      for await (const document of this.#messages.find({ _id: { $in: others } })) keep(document);
    }
    const conversation = await this.#db
      .collection<Archived>("conversations")
      .findOne({ _id: conversationId });
    return { messages, conversation: conversation === null ? null : found(conversation) };
  }

  /** How far the bridge says the conversation is archived; -1 before anything is. */
  async archivedSeq(conversationId: string): Promise<number> {
    const state = await this.#db
      .collection<Archived>("bridge_state")
      .findOne({ _id: conversationId });
    return Number(state?.["archivedSeq"] ?? -1);
  }

  /** The first message after `seq`; null when there is none. */
  async messageAfter(conversationId: string, seq: number): Promise<number | null> {
    const beyond = { conversationId, seq: { $gt: seq } };
    const [message] = await this.#messages.find(beyond).sort({ seq: 1 }).limit(1).toArray();
    return message === undefined ? null : Number(message["seq"]);
  }

  /** Why the server refused a message for good; null when it did not. */
  async refusal(messageId: string): Promise<string | null> {
    const letter = await this.#db
      .collection<Archived>("dead_letters")
      .findOne({ _id: `messages/${messageId}` });
    return letter === null ? null : String(letter["reason"]);
  }

  get #messages() {
    return this.#db.collection<Archived>("messages");
  }
}

function found(document: Document): FoundDocument {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, inMs(value)]));
}

function inMs(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map(inMs);
  return typeof value === "object" && value !== null ? found(value) : value;
}
