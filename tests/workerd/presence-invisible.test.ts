import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { asMember } from "../support/changes.ts";
import {
  foundGroup,
  range,
  send,
  valueOf,
  type TestConversation,
} from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { MemberSocket } from "./support/member-socket.ts";
import { Multiplexed } from "./support/multiplexed.ts";
import { freshUser, inboxOf } from "./support/people.ts";
import { mintToken } from "./support/tokens.ts";
import { setReachable } from "./worker.ts";

/** A group whose members' Inboxes know of it. */
async function group(): Promise<[TestConversation, ada: UserId, bob: UserId]> {
  const [ada, bob] = [freshUser(), freshUser()];
  return [await foundGroup([ada, bob]), ada, bob];
}

/** Whom this member is shown as here. */
async function seenBy({ rpc }: TestConversation, reader: UserId): Promise<string[]> {
  return valueOf(await rpc.members(reader, { limit: 10 })).online.toSorted();
}

/** What the socket was told of the other one, up to a message that is sent now. */
async function toldOf(socket: MemberSocket, conversation: TestConversation, other: UserId) {
  const key = crypto.randomUUID();
  await send(conversation, other, key);
  await expect.poll(() => socket.texts.some((text) => text.includes(key))).toBe(true);
  return socket.framesOf("presence").map(({ userId, online }) => {
    expect(userId).toBe(other);
    return online;
  });
}

/** What a plan of half a minute comes to. */
async function halfAMinuteLater(stub: DurableObjectStub): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31_000 });
  await runDurableObjectAlarm(stub);
  vi.useRealTimers();
}

afterEach(() => vi.useRealTimers());

/** Bob, who has come and gone, and what ada is told of him. */
async function bobWhoLeft() {
  const [, ada, bob] = await group();
  const asked = { userId: ada, conversationIds: await inboxOf(ada).conversationIds() };
  await inboxOf(bob).connected("gateway", "c1");
  await inboxOf(bob).disconnected("gateway", ["c1"]);
  return { bob, ask: () => inboxOf(bob).presence(asked) };
}

describe("[LIV-5] who is invisible", () => {
  test("is away to the others of a direct socket, and comes when he is visible again", async () => {
    const [conversation, ada, bob] = await group();
    const adas = await MemberSocket.join(conversation.id, ada);
    const bobs = await MemberSocket.join(conversation.id, bob);
    expect(await toldOf(adas, conversation, bob)).toEqual([true]);
    for (const _ of ["first", "repeat"]) await inboxOf(bob).setInvisible(true);
    expect(await toldOf(adas, conversation, bob)).toEqual([true, false]);
    expect(await seenBy(conversation, ada)).toEqual([ada]);
    expect(await seenBy(conversation, bob)).toEqual([ada, bob].toSorted());
    const others = await MemberSocket.open(conversation.id, ada);
    expect((await others.hello()).online).toEqual({ userIds: [ada], count: 1 });
    const own = await MemberSocket.open(conversation.id, bob);
    expect((await own.hello()).online).toMatchObject({ count: 2 });
    bobs.send({ type: "typing", active: true });
    await expect.poll(() => adas.framesOf("typing")).toMatchObject([{ userId: bob }]);
    await inboxOf(bob).setInvisible(false);
    expect(await toldOf(adas, conversation, bob)).toEqual([true, false, true]);
    expect(await seenBy(conversation, ada)).toEqual([ada, bob].toSorted());
    expect(bobs.framesOf("presence")).toEqual([]);
  });

  test("comes and goes untold, also after the conversation has slept", async () => {
    const [conversation, ada, bob] = await group();
    await inboxOf(bob).setInvisible(true);
    const adas = await MemberSocket.join(conversation.id, ada);
    const bobs = await MemberSocket.join(conversation.id, bob);
    expect(await seenBy(conversation, ada)).toEqual([ada]);
    bobs.socket.close(1000);
    await bobs.closed;
    await evictDurableObject(conversation.stub, { webSockets: "hibernate" });
    await MemberSocket.join(conversation.id, bob);
    expect(await seenBy(conversation, ada)).toEqual([ada]);
    expect(await toldOf(adas, conversation, bob)).toEqual([]);
    await evictDurableObject(inboxOf(bob));
    await inboxOf(bob).setInvisible(false);
    expect(await toldOf(adas, conversation, bob)).toEqual([true]);
  });

  test("is away on one socket for many conversations, and over Socket.IO", async () => {
    const place = new EdgePlace();
    const [conversation, ada, bob] = await group();
    const { id: conversationId } = conversation;
    const native = await Multiplexed.open(place, await mintToken(ada, { expiresIn: 900 }));
    native.hello(conversationId);
    await native.next(conversationId, "welcome");
    const chat = await place.connect(ada);
    await chat.ask("joinConversation", { conversationId });
    await inboxOf(bob).setInvisible(true);
    const bobs = await place.connect(bob);
    expect(await bobs.ask("joinConversation", { conversationId })).toMatchObject({ success: true });
    expect(await chat.ask("getOnlineUsers", { conversationId })).toMatchObject({ count: 1 });
    expect(await bobs.ask("getOnlineUsers", { conversationId })).toMatchObject({ count: 2 });
    await bobs.ask("typing", { conversationId });
    expect(await chat.nextEvent("userTyping")).toMatchObject({ userId: bob });
    await bobs.ask("leaveConversation", { conversationId });
    await send(conversation, bob, "unseen");
    expect(await chat.nextEvent("newMessage")).toMatchObject({ content: "unseen" });
    expect(await native.next(conversationId, "events")).toBeDefined();
    const shown =
      /user_connected|user_joined_conversation|user_left_conversation|StoppedTyping|"presence"/;
    expect([...chat.texts, ...native.texts].filter((text) => shown.test(text))).toEqual([]);
    await inboxOf(bob).setInvisible(false);
    expect(await chat.nextEvent("user_connected")).toMatchObject({ userId: bob });
    expect(await native.next(conversationId, "presence")).toMatchObject({ online: true });
    await inboxOf(bob).setInvisible(true);
    expect(await chat.nextEvent("user_disconnected")).toMatchObject({ userId: bob });
    expect(await native.next(conversationId, "presence")).toMatchObject({ online: false });
    const again = await Multiplexed.open(place, await mintToken(ada, { expiresIn: 900 }));
    again.hello(conversationId);
    expect(await again.next(conversationId, "welcome")).toMatchObject({ online: { count: 1 } });
  });

  test("is so in a group that he joins, from the first moment", async () => {
    const [conversation, ada] = await group();
    const [bob, cleo] = [freshUser(), freshUser()];
    await inboxOf(bob).setInvisible(true);
    const adas = await MemberSocket.join(conversation.id, ada);
    for (const userId of [bob, cleo]) setReachable(userId, false);
    const people = [bob, cleo].map((userId) => ({ userId, name: userId }));
    valueOf(await conversation.rpc.change(asMember(ada), "k1", { type: "addMembers", people }));
    for (const userId of [bob, cleo]) await MemberSocket.join(conversation.id, userId);
    expect(await seenBy(conversation, ada)).toEqual([ada]);
    for (const userId of [bob, cleo]) setReachable(userId, true);
    await halfAMinuteLater(conversation.stub);
    await expect.poll(() => seenBy(conversation, ada)).toEqual([ada, cleo].toSorted());
    expect(await toldOf(adas, conversation, cleo)).toEqual([true]);
    expect(await inboxOf(bob).conversationIds()).toEqual([conversation.id]);
  });

  test("is so later in a conversation that could not be told", async () => {
    const [conversation, ada, bob] = await group();
    const adas = await MemberSocket.join(conversation.id, ada);
    await MemberSocket.join(conversation.id, bob);
    setReachable(conversation.id, false);
    await inboxOf(bob).setInvisible(true);
    expect(await toldOf(adas, conversation, bob)).toEqual([true]);
    setReachable(conversation.id, true);
    await halfAMinuteLater(inboxOf(bob));
    await expect.poll(() => seenBy(conversation, ada)).toEqual([ada]);
    expect(await toldOf(adas, conversation, bob)).toEqual([true, false]);
    // what was on its way for long does not undo it
    await conversation.rpc.setAppearance(bob, { visibility: 0, blocked: [] });
    expect(await seenBy(conversation, ada)).toEqual([ada]);
  });

  test("was last seen when he was seen for the last time", async () => {
    const { bob, ask } = await bobWhoLeft();
    const before = await ask();
    expect(before).toMatchObject({ online: false, lastSeen: expect.any(Number) });
    await inboxOf(bob).setInvisible(true);
    await inboxOf(bob).connected("gateway", "c2");
    expect(await ask()).toEqual(before);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
    await inboxOf(bob).disconnected("gateway", ["c2"]);
    vi.useRealTimers();
    await inboxOf(bob).setInvisible(false);
    expect(await ask()).toEqual(before);
  });

  test("was last seen when he turned invisible, if he was connected then", async () => {
    const { bob, ask } = await bobWhoLeft();
    await inboxOf(bob).connected("gateway", "c2");
    const turnedAt = Date.now() + 1_000_000;
    vi.useFakeTimers({ toFake: ["Date"], now: turnedAt });
    await inboxOf(bob).setInvisible(true);
    expect(await ask()).toEqual({ online: false, lastSeen: turnedAt });
    vi.setSystemTime(turnedAt + 60_000);
    await inboxOf(bob).setInvisible(true);
    expect(await ask()).toEqual({ online: false, lastSeen: turnedAt });
    vi.useRealTimers();
    await inboxOf(bob).setInvisible(false);
    expect(await ask()).toEqual({ online: true, lastSeen: null });
  });

  test("is away in a large group as well, whose answers say so and nobody is told", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    const others = range(1, LIMITS.smallConversation).map(() => freshUser());
    const conversation = await foundGroup([ada, bob, ...others]);
    await expect.poll(() => inboxOf(bob).conversationIds()).toEqual([conversation.id]);
    const adas = await MemberSocket.join(conversation.id, ada);
    const bobs = await MemberSocket.join(conversation.id, bob);
    const onlineTo = async (reader: UserId) => {
      const socket = await MemberSocket.open(conversation.id, reader);
      return (await socket.hello()).online.count;
    };
    await expect.poll(() => onlineTo(ada)).toBe(2);
    await inboxOf(bob).setInvisible(true);
    expect([await onlineTo(ada), await onlineTo(bob)]).toEqual([1, 2]);
    const page = { limit: LIMITS.smallConversation + 2 };
    const seen = async (reader: UserId) => valueOf(await conversation.rpc.members(reader, page));
    expect((await seen(ada)).online).toEqual([ada]);
    expect((await seen(bob)).online.toSorted()).toEqual([ada, bob].toSorted());
    await inboxOf(bob).setInvisible(false);
    expect(await onlineTo(ada)).toBe(2);
    expect(await toldOf(adas, conversation, bob)).toEqual([]);
    expect(bobs.framesOf("presence")).toEqual([]);
  });
});
