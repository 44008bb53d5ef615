import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MongoSink } from "../../bridge/mongo/mongo-sink.ts";
import { SteadySink } from "../../bridge/sinks/steady-sink.ts";
import { batchOf, foundedEvent } from "../support/archive-events.ts";
import { ArchiveLog, deed, visit, visits } from "../support/archive-log.ts";
import { MemoryArchive } from "../support/memory-archive.ts";
import { quietLog } from "../support/quiet-log.ts";
import { mongoUri } from "./endpoints.ts";
import { openArchive, type MongoArchive } from "./mongo-archive.ts";

const database = `changes_${randomUUID()}`;
const { signal } = new AbortController();
// upserts of one document at once may collide, and are tried again
const open = () =>
  new SteadySink(new MongoSink({ uri: mongoUri(), database }, quietLog), quietLog, Math.random);
let sinks: [SteadySink, SteadySink];
let archive: MongoArchive;

beforeAll(async () => {
  sinks = [open(), open()];
  for (const sink of sinks) await sink.start(signal);
  archive = await openArchive(mongoUri(), database);
});
afterAll(async () => {
  for (const sink of sinks) await sink.stop();
  await archive.drop();
});

/** Work-alikes of MongoDB leave out nulls and empty lists; when it was written to is not compared. */
function comparable(document: object): Record<string, unknown> {
  const fields = Object.entries(document).filter(
    ([name, value]) =>
      name !== "updatedAt" && value !== null && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(fields);
}

async function documentsOf(conversationId: string) {
  const of = async (collection: string) =>
    (await archive.documents(collection))
      .filter((document) => document["conversationId"] === conversationId)
      .map(comparable)
      .toSorted((one, other) => Number(one["seq"]) - Number(other["seq"]));
  return {
    messages: await of("messages"),
    conversations: await of("conversations"),
    reports: await of("reports"),
  };
}

test("[ARC-1] MongoDB folds events as the rules say, whatever is replayed and by two bridges at once", async () => {
  let conversations = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(deed, { minLength: 20, maxLength: 60 }),
      fc.array(visit, { maxLength: 4 }),
      async (deeds, made) => {
        const id = `log-${randomUUID()}`;
        const log = new ArchiveLog(id, deeds);
        const expected = new MemoryArchive();
        for (let seq = 0; seq <= log.head; seq++) expected.write(log.read(seq, seq, seq));
        const batches = visits(log, made);
        await Promise.all(
          sinks.map(async (sink) => {
            for (const batch of batches) await sink.write([batch], signal);
          }),
        );
        expect(await documentsOf(id)).toEqual({
          messages: [...expected.messages.values()].map(comparable),
          conversations: [...expected.conversations.values()].map(comparable),
          reports: [...expected.reports.values()].map(comparable),
        });
        conversations++;
      },
    ),
    { numRuns: 20 },
  );
  expect(conversations).toBe(20);
});

test("[OBX-9] receipts are one document for each member, and never go back", async () => {
  const id = `receipts-${randomUUID()}`;
  const [sink] = sinks;
  const moved = (read: number) => [
    { userId: "bob.b", delivered: read + 1, deliveredAt: read, read, readAt: read },
  ];
  await sink.write([batchOf(id, [foundedEvent()], moved(5))], signal);
  await sink.write([batchOf(id, [], moved(9))], signal);
  await sink.write([batchOf(id, [], moved(7))], signal);
  const receipts = await archive.documents("receipts");
  expect(receipts.filter(({ conversationId }) => conversationId === id)).toEqual([
    {
      _id: `${id}/bob.b`,
      conversationId: id,
      userId: "bob.b",
      delivered: 10,
      deliveredAt: new Date(9),
      read: 9,
      readAt: new Date(9),
    },
  ]);
});
