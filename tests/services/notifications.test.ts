import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatClient } from "../support/chat-client.ts";
import { eventually } from "../support/eventually.ts";
import { InboundPlace } from "./inbound-place.ts";

const WITHIN_MS = 60_000;

let place: InboundPlace;

beforeAll(async () => {
  place = await InboundPlace.start("notifications");
});
afterAll(() => place.stop());

/** One partition for all, so that the order is theirs. */
function record(value: object) {
  return { key: "one", value: JSON.stringify(value) };
}

/** Titles that wait for this user, oldest first. */
async function keptBy(userId: string): Promise<unknown[]> {
  const { body, data } = await place.parley.rest(userId, "GET", "/notifications");
  const found: unknown = Object(data).notifications;
  if (!Array.isArray(found)) throw new Error(`no list: ${JSON.stringify(body)}`);
  return found.map((notification) => Object(notification).title).toReversed();
}

test("[ING-4] [ING-3] notifications reach live connections and Inboxes once, over a kill and a replay of the whole topic", async () => {
  const { parley, topic } = place;
  const ada = await ChatClient.open(parley.url, await parley.token("ada"));
  const bill = { userId: "ada", title: "bill", body: "is due", data: { n: 7 }, eventId: "e1" };
  let bridge = await place.spawnBridge();
  await topic.produce(record(bill), record(bill));
  expect(await ada.next("notification")).toMatchObject({
    id: "event:e1",
    title: "bill",
    body: "is due",
    data: { n: 7 },
  });
  await bridge.kill();
  await topic.produce(
    record(bill),
    { key: "one", value: "no JSON" },
    record({ title: "to nobody" }),
    record({ userIds: ["ada", "bob"], title: "news" }),
    record({ user_id: "bob", title: "bob's" }),
  );
  bridge = await place.spawnBridge();
  await topic.committed();
  expect(await keptBy("ada")).toEqual(["bill", "news"]);
  expect(await keptBy("bob")).toEqual(["news", "bob's"]);
  expect(await ada.next("notification")).toMatchObject({ title: "news", body: "" });
  await bridge.end();

  await topic.rewind();
  bridge = await place.spawnBridge();
  await topic.committed();
  expect(await keptBy("ada")).toEqual(["bill", "news"]);
  expect(await keptBy("bob")).toEqual(["news", "bob's"]);
  // one more comes: nothing that was told again lies before it
  await topic.produce(record({ userId: "ada", title: "last" }));
  expect(await ada.next("notification")).toMatchObject({ title: "last" });
  expect(ada.count("notification")).toBe(0);
  await bridge.end();
  ada.close();

  await eventually(async () => {
    // the replay buried them once more
    const reasons = new Set((await topic.deadLetters()).map(({ reason }) => reason));
    expect(reasons).toEqual(new Set(["the value is not JSON", "userId and userIds are missing"]));
  }, WITHIN_MS);
});
