import { MongoClient, type Db } from "mongodb";
import { archiveWrites, type ArchiveBatch } from "../../core/bridging/archive-writes.ts";
import { reasonOf, type Log } from "../log.ts";
import { foldConversations, foldMessages } from "./mongo-fold.ts";
import { makeIndexes } from "./mongo-indexes.ts";
import { MONGO_TIMEOUTS, type MongoOptions } from "./mongo-options.ts";
import { isRefusedForGood } from "./mongo-refusal.ts";
import {
  advance,
  insertOnce,
  raiseReceipt,
  touch,
  type Archived,
  type Upsert,
} from "./mongo-upserts.ts";
import type { Sink } from "../sinks/sink.ts";

/**
 * Archives into MongoDB by upserts that only ever insert or raise a number, and by folding each event into its document
 * once: writing anything again, also after what came later, changes nothing.
 */
export class MongoSink implements Sink {
  readonly name = "mongodb";
  /** While the server writes one group, the next one is made ready and sent. */
  readonly parallel = 2;
  readonly #client: MongoClient;
  readonly #db: Db;
  readonly #log: Log;

  constructor(options: MongoOptions, log: Log) {
    this.#log = log;
    this.#client = new MongoClient(options.uri, {
      writeConcern: { w: "majority" },
      ...MONGO_TIMEOUTS,
      // SteadySink repeats the whole write, and a server that is no replica set refuses the driver's own retries.
      retryWrites: false,
    });
    this.#db = this.#client.db(options.database);
  }

  async start(): Promise<void> {
    await this.#client.connect();
    await makeIndexes(this.#db, this.#log);
  }

  async write(batches: readonly ArchiveBatch[]): Promise<{ deadLetters: number }> {
    const writes = archiveWrites(batches, (at) => new Date(at));
    const refused = await Promise.all([
      this.#bulk("messages", writes.messages.map(insertOnce)),
      this.#bulk("conversations", [
        ...writes.founded.map(insertOnce),
        ...writes.reached.map(touch),
      ]),
      this.#bulk("receipts", writes.receipts.map(raiseReceipt)),
      this.#bulk("reports", writes.reports.map(insertOnce)),
    ]);
    await Promise.all([
      foldMessages(this.#db, writes.messageChanges),
      foldConversations(this.#db, writes.conversationChanges),
    ]);
    // Last: it says that everything up to there is archived.
    await this.#bulk("bridge_state", writes.reached.map(advance));
    return { deadLetters: refused.reduce((sum, count) => sum + count, 0) };
  }

  async stop(): Promise<void> {
    await this.#client.close();
  }

  /** Answers how many writes were refused for good and went to `dead_letters`. */
  async #bulk(collection: string, writes: readonly Upsert[]): Promise<number> {
    if (writes.length === 0) return 0;
    try {
      // In order, a founding comes before what touches it; messages do not care, and the server may overlap them.
      const ordered = collection !== "messages";
      await this.#db.collection<Archived>(collection).bulkWrite(writes, { ordered });
      return 0;
    } catch (error) {
      if (!isRefusedForGood(error)) throw error;
      return await this.#oneByOne(collection, writes);
    }
  }

  /** Finds the writes that the server will never take, and lets all others through. */
  async #oneByOne(collection: string, writes: readonly Upsert[]): Promise<number> {
    let deadLetters = 0;
    for (const write of writes) {
      try {
        await this.#db.collection<Archived>(collection).bulkWrite([write]);
      } catch (error) {
        if (!isRefusedForGood(error)) throw error;
        await this.#bury(collection, write.updateOne.filter._id, reasonOf(error));
        deadLetters++;
      }
    }
    return deadLetters;
  }

  /** Keeps a pointer, not the event: its conversation's log has it still. */
  async #bury(collection: string, eventId: string, reason: string): Promise<void> {
    this.#log.error("mongodb.dead_letter", { collection, eventId, reason });
    await this.#db
      .collection<Archived>("dead_letters")
      .updateOne(
        { _id: `${collection}/${eventId}` },
        { $setOnInsert: { collection, eventId, reason, refusedAt: new Date() } },
        { upsert: true },
      );
  }
}
