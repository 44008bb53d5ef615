import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Deliveries } from "../../durable-objects/gateway/deliveries.ts";
import { MissedEvents } from "../../durable-objects/gateway/missed-events.ts";
import type { UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { asMember } from "../support/changes.ts";
import { foundGroup, range, send, type TestConversation } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import type { IoClient } from "./support/io-client.ts";
import { add, change, closedGroup } from "./support/late-members.ts";
import { MemberSocket } from "./support/member-socket.ts";
import { freshUser } from "./support/people.ts";

/** Holds what conversations deliver until the returned function is called. */
function holdDeliveries(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  const held = vi.spyOn(Deliveries.prototype, "deliver").mockImplementation(async function (
    this: Deliveries,
    delivery,
  ) {
    await promise;
    return this.deliver(delivery);
  });
  onTestFinished(() => held.mockRestore());
  return () => {
    held.mockRestore();
    resolve();
  };
}

/** Nothing that is missed is read by itself: what comes, comes by deliveries. */
function forgetCatchUps(): void {
  const spy = vi.spyOn(MissedEvents.prototype, "catchUp").mockResolvedValue();
  onTestFinished(() => spy.mockRestore());
}

async function joined(place: EdgePlace, { id }: TestConversation, userId: UserId) {
  const client = await place.connect(userId);
  await client.ask("joinConversation", { conversationId: id });
  return client;
}

const textsWith = ({ texts }: IoClient, word: string) =>
  texts.filter((text) => text.includes(word) && text.startsWith('42["newMessage"'));

/** One who is new in a large group, which is followed by nobody who has not joined it, and asked for all of it with two connections. */
async function newcomerWhoAsked() {
  const place = new EdgePlace();
  const [ada, eve] = [freshUser(), freshUser()];
  const others = range(1, LIMITS.smallConversation).map((n) => `other${n}`);
  const group = await closedGroup(ada, others);
  const adas = await joined(place, group, ada);
  const [eves, other] = [await place.connect(eve), await place.connect(eve)];
  const release = holdDeliveries();
  const { seq: target } = await send(group, ada, "first", "secret");
  await send(group, ada, "second", "secret");
  await add(group, ada, eve);
  forgetCatchUps();
  // the cursor of the last thing that came to this Gateway
  for (const client of [other, eves]) {
    await client.ask("joinConversation", { conversationId: group.id, afterSeq: target - 1 });
  }
  return { ada, adas, eves, group, place, release, target };
}

/** An owner and a newcomer of a group, connected at one Gateway; `target` is a message from before the newcomer. */
async function twoWhoFollow() {
  const place = new EdgePlace();
  const [ada, bob] = [freshUser(), freshUser()];
  const group = await closedGroup(ada);
  const { seq: target } = await send(group, ada, "old");
  await add(group, ada, bob);
  const [adas, bobs] = [await joined(place, group, ada), await joined(place, group, bob)];
  return { ada, bob, adas, bobs, group, place, target };
}

describe("a Gateway that lags behind a conversation", () => {
  test("[GTW-4] hands a newcomer nothing from before, however far back he asks", async () => {
    const { ada, adas, eves, group, release } = await newcomerWhoAsked();
    await send(group, ada, "new");
    release();
    await expect.poll(() => textsWith(eves, '"new"')).toHaveLength(1);
    await expect.poll(() => textsWith(adas, "secret")).toHaveLength(2);
    expect(textsWith(eves, "secret")).toEqual([]);
  });

  test("[GTW-4] hands him nothing from before after it slept", async () => {
    const { ada, eves, group, place, release, target } = await newcomerWhoAsked();
    release();
    vi.restoreAllMocks();
    await evictDurableObject(place.gateway, { webSockets: "hibernate" });
    await change(group, ada, { type: "react", target, emoji: "seen", active: true });
    await send(group, ada, "new");
    await expect.poll(() => textsWith(eves, '"new"')).toHaveLength(1);
    expect(eves.texts.filter((text) => /secret|seen/.test(text))).toEqual([]);
  });

  test("[MEM-1] [GTW-4] tells who was removed that he was, and nothing after it", async () => {
    const { ada, bob, adas, bobs, group } = await twoWhoFollow();
    const release = holdDeliveries();
    await send(group, ada, "held");
    await send(group, ada, "with him");
    await change(group, ada, { type: "removeMember", userId: bob });
    await send(group, ada, "without him");
    release();
    await expect.poll(() => textsWith(adas, "without him")).toHaveLength(1);
    expect(textsWith(bobs, "with him")).toHaveLength(1);
    expect(textsWith(bobs, '"removed"')).toHaveLength(1);
    expect(textsWith(bobs, "without him")).toEqual([]);
  });

  test("[GTW-4] hands who was removed and added again nothing of what was between", async () => {
    const { ada, bob, adas, bobs, group } = await twoWhoFollow();
    const release = holdDeliveries();
    const { seq: target } = await send(group, ada, "held");
    await change(group, ada, { type: "removeMember", userId: bob });
    await send(group, ada, "without him");
    await add(group, ada, bob);
    forgetCatchUps();
    await bobs.ask("joinConversation", { conversationId: group.id });
    await change(group, ada, { type: "react", target, emoji: "seen", active: true });
    await send(group, ada, "with him again");
    release();
    await expect.poll(() => textsWith(bobs, "with him again")).toHaveLength(1);
    await send(group, ada, "and still");
    await expect.poll(() => textsWith(bobs, "and still")).toHaveLength(1);
    expect(bobs.texts.filter((text) => /without him|seen/.test(text))).toEqual([]);
    expect(textsWith(adas, "without him")).toHaveLength(1);
  });

  test("[GTW-4] keeps over its sleep that he came back to where everybody may read everything", async () => {
    const { ada, bob, bobs, group, place, target } = await twoWhoFollow();
    bobs.close();
    await change(group, ada, { type: "removeMember", userId: bob });
    await change(group, ada, { type: "configure", change: { history: "all" } });
    await add(group, ada, bob);
    const again = await joined(place, group, bob);
    await evictDurableObject(place.gateway, { webSockets: "hibernate" });
    forgetCatchUps();
    await change(group, ada, { type: "react", target, emoji: "seen", active: true });
    await expect.poll(() => again.texts.filter((text) => text.includes("seen"))).toHaveLength(1);
  });

  test("[GTW-4] goes on for him where everybody may read everything", async () => {
    const place = new EdgePlace();
    const [ada, bob] = [freshUser(), freshUser()];
    const group = await foundGroup([ada, bob]);
    await joined(place, group, ada);
    const bobs = await joined(place, group, bob);
    const release = holdDeliveries();
    await send(group, ada, "held");
    await change(group, ada, { type: "removeMember", userId: bob });
    await send(group, ada, "without him");
    await add(group, ada, bob);
    forgetCatchUps();
    await bobs.ask("joinConversation", { conversationId: group.id });
    await send(group, ada, "with him again");
    release();
    await expect.poll(() => textsWith(bobs, "with him again")).toHaveLength(1);
    expect(textsWith(bobs, "without him")).toHaveLength(1);
  });
});

test("[MEM-1] who is removed gets nothing that one commit puts after it", async () => {
  const [ada, bob] = [freshUser(), freshUser()];
  const group = await closedGroup(ada);
  await add(group, ada, bob);
  const [adas, bobs] = [
    await MemberSocket.join(group.id, ada, { last: 0 }),
    await MemberSocket.join(group.id, bob, { last: 0 }),
  ];
  await runInDurableObject(group.stub, (conversation) =>
    Promise.all([
      conversation.change(asMember(ada), "out", { type: "removeMember", userId: bob }),
      conversation.append(asMember(ada), {
        sends: [{ clientMessageId: "later", message: { type: "TEXT", content: "without him" } }],
      }),
    ]),
  );
  expect((await adas.next("events")).events).toMatchObject([{ type: "membership" }, { seq: 4 }]);
  expect((await bobs.next("events")).events).toMatchObject([{ type: "membership", seq: 3 }]);
  expect(await bobs.closed).toBe(4503);
  expect(bobs.texts.filter((text) => text.includes("without him"))).toEqual([]);
});
