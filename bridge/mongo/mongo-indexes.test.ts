import { MongoNetworkError, MongoServerError } from "mongodb";
import { expect, test } from "vitest";
import { INDEXES } from "../../migrations/mongo/0001_indexes.ts";
import { quietLog } from "../../tests/support/quiet-log.ts";
import { makeIndexes } from "./mongo-indexes.ts";

/** A database that fails at one index; answers the names of those it was asked for. */
async function madeWith(failing: string, error: Error): Promise<string[]> {
  const asked: string[] = [];
  const createIndex = async (_key: unknown, { name }: { name: string }) => {
    asked.push(name);
    if (name === failing) throw error;
  };
  await makeIndexes({ collection: () => ({ createIndex }) }, quietLog);
  return asked;
}

test("an optional index that the server does not know how to make is left out, and the others are made", async () => {
  const unknown = new MongoServerError({ message: "no text indexes here", code: 238 });
  expect(await madeWith("content_text", unknown)).toEqual(INDEXES.map(({ name }) => name));
});

test.each([
  ["a full disk", new MongoServerError({ message: "disk space", code: 14_031 })],
  ["an election", new MongoServerError({ message: "stepped down", code: 189 })],
  ["a lost connection", new MongoNetworkError("it is gone")],
])("no index is left out for %s, which will pass", async (_what, error) => {
  await expect(madeWith("content_text", error)).rejects.toBe(error);
});

test("an index that the archive needs is never left out", async () => {
  const error = new MongoServerError({ message: "no", code: 238 });
  await expect(madeWith("conversation_seq", error)).rejects.toBe(error);
});
