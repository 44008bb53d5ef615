import { MongoClient, type Document } from "mongodb";
import type { FoundEvent } from "../support/sink-contract.ts";

/** Reads what the bridge archived into one database. */
export interface MongoArchive {
  events(): Promise<FoundEvent[]>;
  documents(collection: string): Promise<Document[]>;
  close(): Promise<void>;
  /** Removes the whole database, and closes. */
  drop(): Promise<void>;
}

export async function openArchive(uri: string, database: string): Promise<MongoArchive> {
  const client = await new MongoClient(uri).connect();
  const db = client.db(database);
  const documents = (collection: string) => db.collection(collection).find().toArray();
  return {
    documents,
    async events() {
      const messages = await db
        .collection("messages")
        .find()
        .sort({ conversationId: 1, seq: 1 })
        .toArray();
      const conversations = await documents("conversations");
      return [
        ...conversations.map(({ _id }) => ({ conversationId: String(_id), seq: 0, content: null })),
        ...messages.map(({ conversationId, seq, content }) => ({
          conversationId: String(conversationId),
          seq: Number(seq),
          content: String(content),
        })),
      ];
    },
    close: () => client.close(),
    async drop() {
      await db.dropDatabase();
      await client.close();
    },
  };
}
