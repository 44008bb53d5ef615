import { expect, test } from "vitest";
import type { IngestOutcome, IngestRecord } from "../../protocol/ingest.ts";
import { INGEST_CALLS, INGEST_MAX } from "../../protocol/ingest.ts";
import { bringIn, type InboundRecord } from "./inbound-records.ts";
import { INBOUND_TOPICS } from "./inbound-topics.ts";

function record(offset: number, value: unknown): InboundRecord {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const place = { topic: "quote.events", partition: 2, offset: `${offset}` };
  return { place, key: null, value: Buffer.from(text), headers: {} };
}

const accepted = {
  eventType: "QUOTE_ACCEPTED",
  quoteId: "q1",
  clientId: "ada",
  professionalId: "bob",
};

/** An edge that answers as it is told, and the graves. */
function farEnd(answer: (record: IngestRecord) => IngestOutcome = () => ({ state: "applied" })) {
  const pages: IngestRecord[][] = [];
  const buried: { offset: string; reason: string }[] = [];
  return {
    pages,
    buried,
    read: INBOUND_TOPICS.quotes.read,
    ingest: async (records: readonly IngestRecord[]) => {
      pages.push([...records]);
      return records.map(answer);
    },
    bury: async ({ place }: InboundRecord, reason: string) => {
      buried.push({ offset: place.offset, reason });
    },
  };
}

const NONE = { applied: 0, repeated: 0, skipped: 0, deadLetters: 0 };

test("[ING-1] both spellings of a quote are the same event; other kinds are skipped", async () => {
  const edge = farEnd();
  const snake = {
    event_type: "QUOTE_ACCEPTED",
    event_id: "e1",
    quote_id: "q1",
    client_id: "ada",
    professional_id: "bob",
    conversation_id: "ada_bob",
    accepted_at: "2026-01-01T00:00:00Z",
    unknown: { field: true },
  };
  const camel = {
    ...accepted,
    eventId: "e1",
    conversationId: "ada_bob",
    acceptedAt: "2026-01-01T00:00:00Z",
  };
  const counts = await bringIn(
    [record(1, snake), record(2, { eventType: "QUOTE_REJECTED" }), record(3, camel)],
    edge,
  );
  expect(counts).toEqual({ ...NONE, applied: 2, skipped: 1 });
  const [one, other] = edge.pages[0] ?? [];
  expect(one?.event).toEqual(other?.event);
  expect(one?.place).toEqual({ topic: "quote.events", partition: 2, offset: "1" });
});

test.each([
  ["no JSON", "{", "the value is not JSON"],
  ["no object", "7", "the record"],
  ["no kind", {}, "eventType is missing"],
  ["no quote", { ...accepted, quoteId: undefined }, "quoteId is missing"],
  ["a number for an id", { ...accepted, clientId: 7 }, "clientId"],
])(
  "[ING-1] poison is a dead letter with its reason, and the others go on: %s",
  async (_name, value, reason) => {
    const edge = farEnd();
    expect(await bringIn([record(1, value), record(2, accepted)], edge)).toEqual({
      ...NONE,
      applied: 1,
      deadLetters: 1,
    });
    expect(edge.buried).toEqual([{ offset: "1", reason: expect.stringContaining(reason) }]);
  },
);

test("[ING-3] what the edge refuses for good is a dead letter; what it had already only counts", async () => {
  const outcomes: IngestOutcome[] = [
    { state: "repeated" },
    { state: "refused", reason: "NOT_FOUND: no such user: bob" },
    { state: "applied" },
  ];
  const edge = farEnd(({ place }) => outcomes[Number(place.offset)] ?? { state: "applied" });
  const records = [0, 1, 2].map((offset) => record(offset, accepted));
  expect(await bringIn(records, edge)).toEqual({
    applied: 1,
    repeated: 1,
    skipped: 0,
    deadLetters: 1,
  });
  expect(edge.buried).toEqual([{ offset: "1", reason: "NOT_FOUND: no such user: bob" }]);
});

test("[ING-3] it fails as a whole when the edge or a grave does, so that no offset is committed", async () => {
  const down = { ...farEnd(), ingest: () => Promise.reject(new Error("down")) };
  await expect(bringIn([record(1, accepted)], down)).rejects.toThrow("down");
  const full = { ...farEnd(), bury: () => Promise.reject(new Error("full")) };
  await expect(bringIn([record(1, "{")], full)).rejects.toThrow("full");
  const mute = { ...farEnd(), ingest: async () => [] };
  await expect(bringIn([record(1, accepted)], mute)).rejects.toThrow("unanswered");
});

test("no request holds more than the edge takes, and order is kept", async () => {
  const edge = farEnd();
  const records = Array.from({ length: INGEST_MAX + 3 }, (_, offset) => record(offset, accepted));
  await bringIn(records, edge);
  expect(edge.pages.map(({ length }) => length)).toEqual([INGEST_MAX, 3]);
  const offsets = edge.pages.flat().map(({ place }) => Number(place.offset));
  expect(offsets).toEqual(offsets.toSorted((one, other) => one - other));
});

test.each(["traceparent", "ce_traceparent"])(
  "[TRC-1] a record's %s goes with it, and a broken one does not",
  async (name) => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const edge = farEnd();
    const traced = { ...record(1, accepted), headers: { [name]: Buffer.from(traceparent) } };
    const broken = { ...record(2, accepted), headers: { [name]: "no trace" } };
    await bringIn([traced, broken], edge);
    expect(edge.pages.flat()).toEqual([
      expect.objectContaining({ traceparent }),
      expect.not.objectContaining({ traceparent: expect.anything() }),
    ]);
  },
);

test("[ING-4] a record in parts is one record: pages stay within the calls that a request may cause", async () => {
  const userIds = Array.from({ length: INGEST_CALLS + 1 }, (_, n) => `u${n}`);
  const few = { userId: "ada", title: "one" };
  const edge = { ...farEnd(), read: INBOUND_TOPICS.notifications.read };
  const counts = await bringIn([record(1, { userIds, title: "all" }), record(2, few)], edge);
  expect(counts).toEqual({ ...NONE, applied: 2 });
  const calls = edge.pages.map((page) =>
    page.map(({ event }) => (event.type === "userNotice" ? event.userIds.length : 0)),
  );
  expect(calls).toEqual([[INGEST_CALLS], [1, 1]]);
});

test("[ING-4] a record is applied if any part is new, repeated if none is, and buried once", async () => {
  const userIds = Array.from({ length: INGEST_CALLS + 1 }, (_, n) => `u${n}`);
  const all = record(1, { userIds, title: "all" });
  const { read } = INBOUND_TOPICS.notifications;
  const isFirst = ({ event }: IngestRecord) =>
    event.type === "userNotice" && event.userIds.length > 1;
  const half = farEnd((each) => ({ state: isFirst(each) ? "repeated" : "applied" }));
  expect(await bringIn([all], { ...half, read })).toEqual({ ...NONE, applied: 1 });
  const none = farEnd(() => ({ state: "repeated" }));
  expect(await bringIn([all], { ...none, read })).toEqual({ ...NONE, repeated: 1 });
  const refused = farEnd(() => ({ state: "refused", reason: "no" }));
  expect(await bringIn([all], { ...refused, read })).toEqual({ ...NONE, deadLetters: 1 });
  expect(refused.buried).toEqual([{ offset: "1", reason: "no" }]);
});
