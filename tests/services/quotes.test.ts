import type { Message } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { InboundPlace } from "./inbound-place.ts";

const WITHIN_MS = 60_000;

let place: InboundPlace;

beforeAll(async () => {
  place = await InboundPlace.start("quotes");
});
afterAll(() => place.stop());

function quote(quoteId: string, more: object = {}): Message {
  const event = { quoteId, clientId: "ada", professionalId: "bob", ...more };
  return { key: quoteId, value: JSON.stringify({ eventType: "QUOTE_ACCEPTED", ...event }) };
}

/** The notices that one of the two reads, oldest first; both were offline all the time. */
async function noticesFor(userId: string): Promise<unknown[]> {
  const { body, data } = await place.parley.rest(userId, "GET", "/messages?conversationId=ada_bob");
  const messages: unknown = Object(data)["messages"];
  if (!Array.isArray(messages)) throw new Error(`no history: ${JSON.stringify(body)}`);
  return messages.map((message) => Object(message)["content"]);
}

test("[ING-2] [ING-3] a quote that comes five times, over a kill and a replay of the whole topic, is one message for each", async () => {
  const { topic } = place;
  let bridge = await place.spawnBridge();
  await topic.produce(...Array.from({ length: 3 }, () => quote("q1", { eventId: "e1" })));
  await eventually(async () => expect(await noticesFor("ada")).toHaveLength(1), WITHIN_MS);
  await bridge.kill();
  await topic.produce(
    ...Array.from({ length: 2 }, () => quote("q1", { eventId: "e1" })),
    { key: "poison", value: "{" },
    { key: "other", value: JSON.stringify({ eventType: "QUOTE_VIEWED" }) },
    quote("q2", { amount: 90 }),
  );
  bridge = await place.spawnBridge();
  await topic.committed();
  const notices = ["Quote q1 was accepted.", "Quote q2 was accepted (90)."];
  expect(await noticesFor("ada")).toEqual(notices);
  expect(await noticesFor("bob")).toEqual(notices);
  await bridge.end();

  await topic.rewind();
  bridge = await place.spawnBridge();
  await topic.committed();
  expect(await noticesFor("bob")).toEqual(notices);
  await bridge.end();

  expect(await topic.deadLetters()).toContainEqual({
    value: "{",
    reason: "the value is not JSON",
  });
});
