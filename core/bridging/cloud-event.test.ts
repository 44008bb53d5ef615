import { expect, test } from "vitest";
import { parseConversationId, type ConversationId } from "../../protocol/ids.ts";
import { cloudEventHeaders } from "./cloud-event.ts";

const event = {
  seq: 3,
  at: 1_000,
  type: "message",
  senderId: "alice",
  clientMessageId: "c-1",
  message: { type: "TEXT", content: "hello" },
} as const;

test("an event's headers are CloudEvents 1.0 in binary mode, with an id that a repeat shares", () => {
  expect(cloudEventHeaders(team(), event, (at) => `t${at}`)).toEqual({
    ce_specversion: "1.0",
    ce_id: "team-1.3",
    ce_source: "/conversations/team-1",
    ce_type: "parley.message.created",
    ce_time: "t1000",
    "content-type": "application/json",
  });
});

test("[TRC-1] a traced event names its trace as Kafka's tools and as CloudEvents' read it", () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const plain = cloudEventHeaders(team(), event, String);
  expect(cloudEventHeaders(team(), { ...event, traceparent }, String)).toEqual({
    ...plain,
    traceparent,
    ce_traceparent: traceparent,
  });
});

function team(): ConversationId {
  const conversationId = parseConversationId("team-1");
  if (!conversationId.ok) throw new Error("a fixture does not parse");
  return conversationId.value;
}
