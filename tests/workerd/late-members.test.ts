import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { UserId } from "../../protocol/ids.ts";
import { asMember } from "../support/changes.ts";
import { foundGroup, send, valueOf, type TestConversation } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { MemberSocket } from "./support/member-socket.ts";
import { freshUser } from "./support/people.ts";

/** A group of this owner whose newcomers read what comes after them. */
async function closedGroup(owner: UserId): Promise<TestConversation> {
  const group = await foundGroup([owner]);
  const change = { type: "configure" as const, change: { history: "joined" as const } };
  valueOf(await group.rpc.change(asMember(owner), "history", change));
  return group;
}

async function add({ rpc }: TestConversation, owner: UserId, userId: UserId): Promise<void> {
  const change = { type: "addMembers" as const, people: [{ userId, name: "Newcomer" }] };
  valueOf(await rpc.change(asMember(owner), `add ${userId}`, change));
}

async function edit({ rpc }: TestConversation, owner: UserId, target: number): Promise<number> {
  const change = { type: "edit" as const, target, content: "old, edited" };
  return valueOf(await rpc.change(asMember(owner), `edit ${target}`, change)).seq;
}

describe("a member whose history begins with the joining", () => {
  test("[MEM-5] [INB-2] is handed no message from before, also when it was news a moment ago", async () => {
    const place = new EdgePlace();
    const [ada, eve] = [freshUser(), freshUser()];
    const [adas, eves] = [await place.connect(ada), await place.connect(eve)];
    const group = await closedGroup(ada);
    await send(group, ada, "old");
    await add(group, ada, eve);
    await send(group, ada, "new");
    expect(await eves.nextEvent("newMessage")).toMatchObject({ type: "SYSTEM", seq: 3 });
    expect(await eves.nextEvent("newMessage")).toMatchObject({ content: "new", seq: 4 });
    expect(eves.texts.filter((text) => text.includes("old"))).toEqual([]);
    await expect.poll(() => adas.texts.filter((text) => text.includes("old"))).not.toEqual([]);
  });

  test("[CHG-2] hears no new content of a message from before, on any door", async () => {
    const place = new EdgePlace();
    const [ada, eve] = [freshUser(), freshUser()];
    const group = await closedGroup(ada);
    const { seq: target } = await send(group, ada, "old");
    await add(group, ada, eve);
    const { seq: readable } = await send(group, ada, "new");
    const [adas, eves] = [await place.connect(ada), await place.connect(eve)];
    for (const client of [adas, eves]) {
      await client.ask("joinConversation", { conversationId: group.id });
    }
    const direct = await MemberSocket.join(group.id, eve, { cursor: readable });
    const owners = await MemberSocket.join(group.id, ada, { cursor: readable });
    const seq = await edit(group, ada, target);
    await edit(group, ada, readable);
    const concealed = { seq, at: expect.any(Number), type: "hidden" };
    const edited = { type: "edited", target: readable };
    expect((await direct.next("events")).events).toEqual([concealed]);
    expect((await direct.next("events")).events).toMatchObject([edited]);
    expect((await owners.next("events")).events).toMatchObject([{ type: "edited", target }]);
    expect(await eves.nextEvent("messageEdited")).toMatchObject({
      messageId: `${group.id}.${readable}`,
    });
    expect(await adas.nextEvent("messageEdited")).toMatchObject({
      messageId: `${group.id}.${target}`,
    });
    await evictDurableObject(group.stub, { webSockets: "close" });
    const later = await MemberSocket.join(group.id, eve, { cursor: 0 });
    const { events } = await later.next("events");
    expect(events.filter((event) => event.seq >= seq)).toMatchObject([concealed, edited]);
  });
});
