import { expect, test } from "vitest";
import { parseConversationId } from "../protocol/ids.ts";
import { cloudEventHeaders } from "./cloud-event.ts";

test("an event's headers are CloudEvents 1.0 in binary mode, with an id that a repeat shares", () => {
  const conversationId = parseConversationId("team-1");
  if (!conversationId.ok) throw new Error("a fixture does not parse");
  const event = {
    seq: 3,
    at: 1_000,
    type: "message",
    senderId: "alice",
    clientMessageId: "c-1",
    message: { type: "TEXT", content: "hello" },
  } as const;
  expect(cloudEventHeaders(conversationId.value, event, (at) => `t${at}`)).toEqual({
    ce_specversion: "1.0",
    ce_id: "team-1.3",
    ce_source: "/conversations/team-1",
    ce_type: "parley.message.created",
    ce_time: "t1000",
    "content-type": "application/json",
  });
});
