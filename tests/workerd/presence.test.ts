import { describe, expect, test } from "vitest";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import type { UserId } from "../../protocol/ids.ts";
import { foundGroup } from "./support/conversations.ts";
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
    expect(await ask(ada, bob)).toEqual({ online: false, lastSeen: null });
    expect(await ask(bob, bob)).toMatchObject({ online: true });
    await inboxOf(bob).setInvisible(false);
    await inboxOf(bob).block(ada, true);
    expect(await ask(ada, bob)).toBeNull();
    await inboxOf(bob).block(ada, false);
    expect(await ask(ada, bob)).toMatchObject({ online: true });
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
