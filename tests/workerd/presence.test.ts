import { describe, expect, test } from "vitest";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import type { UserId } from "../../protocol/ids.ts";
import { foundDirect, foundGroup, send, valueOf } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { MemberSocket } from "./support/member-socket.ts";
import { freshUser, inboxOf } from "./support/people.ts";
import { handOvers, PLAYED_GATEWAYS, pokesOf } from "./worker.ts";

describe("presence", () => {
  const ask = async (askerId: UserId, userId: UserId) => {
    const conversationIds = await inboxOf(askerId).conversationIds();
    return inboxOf(userId).presence({ userId: askerId, conversationIds });
  };

  test("is merged over Gateways and direct sockets, and shown to whom one shares a conversation with", async () => {
    const [ada, bob, mallory] = [freshUser(), freshUser(), freshUser()];
    const group = await foundGroup([ada, bob]);
    await expect.poll(async () => (await inboxOf(bob).conversationIds()).length).toBe(1);
    expect(await ask(ada, bob)).toEqual({ online: false, lastSeen: null });
    expect(await ask(mallory, bob)).toBeNull();
    await inboxOf(bob).connected("gateway", "c1");
    const socket = await MemberSocket.join(group.id, bob);
    await expect.poll(() => pokesOf(bob).at(-1)?.poke.present).toBe(true);
    await inboxOf(bob).disconnected("gateway", ["c1"]);
    expect(await ask(ada, bob)).toEqual({ online: true, lastSeen: null });
    socket.socket.close(1000);
    await expect.poll(() => ask(ada, bob)).toMatchObject({ online: false });
    await expect.poll(async () => (await ask(ada, bob))?.lastSeen).toBeGreaterThan(0);
  });

  test("of an invisible user, or for somebody blocked, shows nothing", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    await foundGroup([ada, bob]);
    await expect.poll(async () => (await inboxOf(bob).conversationIds()).length).toBe(1);
    await inboxOf(bob).connected("gateway", "c1");
    expect(await ask(ada, bob)).toMatchObject({ online: true });
    await inboxOf(bob).setInvisible(true);
    expect(await ask(ada, bob)).toEqual({ online: false, lastSeen: expect.any(Number) });
    expect(await ask(bob, bob)).toMatchObject({ online: true });
    await inboxOf(bob).setInvisible(false);
    await inboxOf(bob).block(ada, true);
    expect(await ask(ada, bob)).toBeNull();
    await inboxOf(bob).block(ada, false);
    expect(await ask(ada, bob)).toMatchObject({ online: true });
  });

  test("[LIV-3] [LIV-4] in a direct conversation keeps who is blocked from being heard, and from seeing who is here", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    const direct = await foundDirect(ada, bob);
    const [adas, bobs] = [
      await MemberSocket.join(direct.id, ada),
      await MemberSocket.join(direct.id, bob),
    ];
    adas.send({ type: "typing", active: true });
    await expect.poll(() => bobs.framesOf("typing")).toMatchObject([{ userId: ada }]);
    expect(adas.framesOf("presence")).toMatchObject([{ userId: bob, online: true }]);
    await inboxOf(bob).block(ada, true);
    adas.send({ type: "typing", active: false });
    adas.sendMessage("unheard");
    expect(await adas.next("error")).toMatchObject({ code: "BLOCKED" });
    bobs.sendMessage("after");
    await bobs.next("ack");
    expect(bobs.framesOf("typing")).toHaveLength(1);
    const again = await MemberSocket.open(direct.id, ada);
    expect((await again.hello()).online).toEqual({ userIds: [ada], count: 1 });
    expect(valueOf(await direct.rpc.members(ada, { limit: 2 })).online).toEqual([ada]);
    expect(valueOf(await direct.rpc.members(bob, { limit: 2 })).online).toHaveLength(2);
    bobs.socket.close(1000);
    await bobs.closed;
    const back = await MemberSocket.join(direct.id, bob);
    expect((await adas.next("events")).events).toMatchObject([{ clientMessageId: "after" }]);
    back.sendMessage("back");
    expect((await adas.next("events")).events).toMatchObject([{ clientMessageId: "back" }]);
    expect(adas.framesOf("presence").map(({ online }) => online)).toEqual([true, false]);
  });

  test("in a direct conversation is kept from who is blocked over Socket.IO as well", async () => {
    const place = new EdgePlace();
    const [ada, bob] = [freshUser(), freshUser()];
    const direct = await foundDirect(ada, bob);
    await expect.poll(() => inboxOf(ada).conversationIds()).toEqual([direct.id]);
    await expect.poll(() => inboxOf(bob).conversationIds()).toEqual([direct.id]);
    await inboxOf(bob).block(ada, true);
    const [adas, bobs] = [await place.connect(ada), await place.connect(bob)];
    const { id: conversationId } = direct;
    for (const event of ["joinConversation", "typing"]) {
      expect(await adas.ask(event, { conversationId })).toMatchObject({ success: true });
    }
    expect(await adas.ask("getOnlineUsers", { conversationId })).toMatchObject({ count: 1 });
    await send(direct, bob, "after");
    expect(await bobs.nextEvent("newMessage")).toMatchObject({ content: "after" });
    expect(await adas.nextEvent("newMessage")).toMatchObject({ content: "after" });
    const heard = (texts: readonly string[]) =>
      texts.filter((text) => /userTyping|user_joined_conversation|user_connected/.test(text));
    expect([heard(bobs.texts), heard(adas.texts)]).toEqual([[], []]);
  });
});

test("to expel somebody closes what he has open in Conversations and at Gateways", async () => {
  const bob = freshUser(PLAYED_GATEWAYS);
  const group = await foundGroup([bob]);
  const gateway = crypto.randomUUID();
  handOvers(gateway);
  await inboxOf(bob).connected(gateway, "c1");
  const socket = await MemberSocket.join(group.id, bob);
  await expect.poll(() => pokesOf(bob).at(-1)?.poke.present).toBe(true);
  await inboxOf(bob).suspend(Date.now() + 60_000);
  expect(await socket.closed).toBe(CLOSE_CODES.forbidden);
  const isOnline = async () =>
    (await inboxOf(bob).presence({ userId: bob, conversationIds: [] }))?.online;
  await expect.poll(isOnline).toBe(false);
});
