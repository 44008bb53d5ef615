import { MongoServerError, type IndexSpecification } from "mongodb";
import { INDEXES } from "../../migrations/mongo/0001_indexes.ts";
import { failureOf } from "../part-state.ts";
import type { Log } from "../log.ts";

/** As much of a database as this needs. */
export interface IndexedDatabase {
  collection(name: string): {
    createIndex(key: IndexSpecification, options: { name: string }): Promise<unknown>;
  };
}

export async function makeIndexes(db: IndexedDatabase, log: Log): Promise<void> {
  for (const { collection, name, key, optional } of INDEXES) {
    try {
      await db.collection(collection).createIndex(key, { name });
    } catch (error) {
      // Only an answer of the server can mean "not here". A lost connection never does, nor does what will pass: a full
      // disk, an election, a missing right.
      const { fault, reason } = failureOf(error);
      const isNotHere = error instanceof MongoServerError && fault === "failing";
      if (!optional || !isNotHere) throw error;
      log.warn("mongodb.index_left_out", { collection, index: name, reason });
    }
  }
}
