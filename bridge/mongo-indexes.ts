import { MongoServerError, type Db } from "mongodb";
import { INDEXES } from "../migrations/mongo/0001_indexes.ts";
import { reasonOf, type Log } from "./log.ts";

export async function makeIndexes(db: Db, log: Log): Promise<void> {
  for (const { collection, name, key, optional } of INDEXES) {
    try {
      await db.collection(collection).createIndex(key, { name });
    } catch (error) {
      // Only an answer of the server can mean "not here"; a lost connection never does.
      if (!optional || !(error instanceof MongoServerError)) throw error;
      log.warn("mongodb.index_left_out", { collection, index: name, reason: reasonOf(error) });
    }
  }
}
