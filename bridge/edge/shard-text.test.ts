import { expect, test } from "vitest";
import { archiveBatch } from "../../tests/support/archive-events.ts";
import { readShardText, settlementText } from "./shard-text.ts";

test("a batch is read whole", () => {
  const batch = archiveBatch("a", 0, 2);
  expect(readShardText(JSON.stringify({ type: "batch", ...batch, upTo: 2 }))).toEqual({
    type: "batch",
    batch,
    upTo: 2,
  });
});

test("an event of a kind this bridge does not know leaves its batch unread, with its conversation and size", () => {
  const { conversation, events } = archiveBatch("a", 1, 2);
  const text = JSON.stringify({
    type: "batch",
    conversation,
    events: [...events, { seq: 3, type: "novel" }],
  });
  expect(readShardText(text)).toMatchObject({
    type: "unreadable",
    conversationId: "a",
    credit: 3,
  });
});

test.each([
  ["no JSON", "{"],
  ["no frame", "[]"],
  [
    "no events",
    '{"type":"batch","conversation":{"conversationId":"a","type":"group"},"events":[]}',
  ],
  [
    "no conversation id",
    '{"type":"batch","conversation":{"conversationId":"a.b","type":"group"},"events":[{}]}',
  ],
])("what is not a frame never throws: %s", (_name, text) => {
  expect(readShardText(text)).toMatchObject({ type: "unreadable" });
});

test("acks and their credit go in one text", () => {
  const text = settlementText({ link: 1, acks: [{ conversationId: "a", seq: 3 }], credit: 3 });
  expect(JSON.parse(text)).toEqual([
    { type: "ack", conversationId: "a", seq: 3 },
    { type: "credit", events: 3 },
  ]);
});
