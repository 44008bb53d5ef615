import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { directConversationId, type UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { asMember } from "../support/changes.ts";
import {
  foundDirect,
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

/** A group of three whose Inboxes know of it. */
async function group(): Promise<[TestConversation, ada: UserId, bob: UserId, eve: UserId]> {
  const [ada, bob, eve] = [freshUser(), freshUser(), freshUser()];
  return [await foundGroup([ada, bob, eve]), ada, bob, eve];
}

/** Everybody's socket, in this order, each told of those who come after it. */
async function join({ id }: TestConversation, ...users: UserId[]): Promise<MemberSocket[]> {
  const sockets: MemberSocket[] = [];
  for (const userId of users) sockets.push(await MemberSocket.join(id, userId));
  return sockets;
}

/** Whether the socket was told that bob came or went, up to a message that is sent now. */
async function toldOf(socket: MemberSocket, conversation: TestConversation, bob: UserId) {
  const key = crypto.randomUUID();
  await send(conversation, bob, key);
  await expect.poll(() => socket.texts.some((text) => text.includes(key))).toBe(true);
  return socket
    .framesOf("presence")
    .filter(({ userId }) => userId === bob)
    .map(({ online }) => online);
}

async function onlineTo({ rpc }: TestConversation, reader: UserId): Promise<string[]> {
  return valueOf(await rpc.members(reader, { limit: 10 })).online.toSorted();
}

async function unreadOf({ rpc }: TestConversation, reader: UserId): Promise<number> {
  return valueOf(await rpc.view(reader)).me.unread;
}

function write({ rpc }: TestConversation, sender: UserId) {
  const message = { type: "TEXT" as const, content: "hi" };
  return rpc.append(asMember(sender), { sends: [{ clientMessageId: "m", message }] });
}

afterEach(() => vi.useRealTimers());

describe("[LIV-6] in a group, whom bob has blocked", () => {
  test("is shown that he goes, and that he comes when he is let in again, as nobody else is", async () => {
    const [conversation, ada, bob, eve] = await group();
    const [adas, eves] = await join(conversation, ada, eve, bob);
    if (adas === undefined || eves === undefined) throw new Error("not connected");
    for (const _ of ["first", "repeat"]) await inboxOf(bob).block(eve, true);
    expect(await toldOf(eves, conversation, bob)).toEqual([true, false]);
    expect(await onlineTo(conversation, eve)).toEqual([ada, eve].toSorted());
    expect(await onlineTo(conversation, bob)).toEqual([ada, bob, eve].toSorted());
    const again = await MemberSocket.open(conversation.id, eve);
    expect((await again.hello()).online).toMatchObject({ count: 2 });
    await inboxOf(bob).block(eve, false);
    expect(await toldOf(eves, conversation, bob)).toEqual([true, false, true]);
    expect(await toldOf(adas, conversation, bob)).toEqual([true]);
    expect(await onlineTo(conversation, eve)).toHaveLength(3);
  });

  test("is told neither of his coming and going nor of his typing, nor he of that one's, also after a sleep", async () => {
    const [conversation, ada, bob, eve] = await group();
    await inboxOf(bob).block(eve, true);
    await evictDurableObject(conversation.stub);
    const [adas, eves, bobs] = await join(conversation, ada, eve, bob);
    if (adas === undefined || eves === undefined || bobs === undefined)
      throw new Error("not connected");
    bobs.send({ type: "typing", active: true });
    await expect.poll(() => adas.framesOf("typing")).toMatchObject([{ userId: bob }]);
    eves.send({ type: "typing", active: true });
    await expect.poll(() => adas.framesOf("typing")).toHaveLength(2);
    bobs.socket.close(1000);
    await bobs.closed;
    await expect.poll(() => adas.framesOf("presence").at(-1)).toMatchObject({ online: false });
    expect(await toldOf(eves, conversation, bob)).toEqual([]);
    expect(eves.framesOf("typing")).toEqual([]);
    expect(bobs.framesOf("typing")).toEqual([]);
  });

  test("is told nothing over /socket and Socket.IO", async () => {
    const place = new EdgePlace();
    const [conversation, ada, bob, eve] = await group();
    const { id: conversationId } = conversation;
    await inboxOf(bob).block(eve, true);
    const native = await Multiplexed.open(place, await mintToken(eve, { expiresIn: 900 }));
    native.hello(conversationId);
    await native.next(conversationId, "welcome");
    const [eves, adas] = [await place.connect(eve), await place.connect(ada)];
    for (const chat of [eves, adas]) await chat.ask("joinConversation", { conversationId });
    const bobs = await place.connect(bob);
    await bobs.ask("joinConversation", { conversationId });
    await bobs.ask("typing", { conversationId });
    expect(await adas.nextEvent("userTyping")).toMatchObject({ userId: bob });
    expect(await eves.ask("getOnlineUsers", { conversationId })).toMatchObject({ count: 2 });
    expect(await adas.ask("getOnlineUsers", { conversationId })).toMatchObject({ count: 3 });
    await bobs.ask("leaveConversation", { conversationId });
    await send(conversation, bob, "bye");
    expect(await eves.nextEvent("newMessage")).toMatchObject({ content: "bye" });
    expect(await native.next(conversationId, "events")).toBeDefined();
    const shown = (texts: readonly string[]) =>
      texts.filter(
        (text) =>
          text.includes(bob) && /user_|userTyping|StoppedTyping|"presence"|"typing"/.test(text),
      );
    expect(shown(adas.texts).length).toBeGreaterThan(0);
    expect([shown(eves.texts), shown(native.texts)]).toEqual([[], []]);
  });

  test("is blocked where bob joins later, and where that one does", async () => {
    const [ada, bob, eve] = [freshUser(), freshUser(), freshUser()];
    await inboxOf(bob).block(eve, true);
    const conversation = await foundGroup([ada]);
    for (const userId of [bob, eve]) {
      const people = [{ userId, name: "Person" }];
      valueOf(await conversation.rpc.change(asMember(ada), userId, { type: "addMembers", people }));
    }
    await join(conversation, ada, eve, bob);
    await expect.poll(() => onlineTo(conversation, ada)).toHaveLength(3);
    expect(await onlineTo(conversation, eve)).toEqual([ada, eve].toSorted());
    // what a member has blocked leaves with him, and comes again with him
    valueOf(await conversation.rpc.change(asMember(bob), "leave", { type: "leave" }));
    const people = [{ userId: bob, name: "Bob" }];
    valueOf(await conversation.rpc.change(asMember(ada), "again", { type: "addMembers", people }));
    await join(conversation, bob);
    await expect.poll(() => onlineTo(conversation, ada)).toHaveLength(3);
    expect(await onlineTo(conversation, eve)).toEqual([ada, eve].toSorted());
  });

  test("is told in the end where it could not be told at once, and by no older word", async () => {
    const [conversation, ada, bob, eve] = await group();
    await join(conversation, ada, eve, bob);
    setReachable(conversation.id, false);
    await inboxOf(bob).block(eve, true);
    expect(await onlineTo(conversation, eve)).toHaveLength(3);
    setReachable(conversation.id, true);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31_000 });
    await runDurableObjectAlarm(inboxOf(bob));
    vi.useRealTimers();
    await expect.poll(() => onlineTo(conversation, eve)).toHaveLength(2);
    await inboxOf(bob).block(eve, false);
    expect(await onlineTo(conversation, eve)).toHaveLength(3);
    // a block that was on its way for long
    await conversation.rpc.setAppearance(bob, { visibility: 2, blocked: [eve] });
    expect(await onlineTo(conversation, eve)).toHaveLength(3);
  });

  test("[RCP-6] leaves nothing unread with him, and does when let in again", async () => {
    const [conversation, ada, bob, eve] = await group();
    await send(conversation, eve, "one");
    await send(conversation, ada, "two");
    expect(await unreadOf(conversation, bob)).toBe(2);
    await inboxOf(bob).block(eve, true);
    expect(await unreadOf(conversation, bob)).toBe(1);
    await send(conversation, eve, "three");
    expect(await unreadOf(conversation, bob)).toBe(1);
    await inboxOf(bob).block(eve, false);
    expect(await unreadOf(conversation, bob)).toBe(3);
    // to write is to have read
    expect(await unreadOf(conversation, ada)).toBe(1);
  });
});

describe("[LIV-6] a block", () => {
  test("holds in a direct conversation from its first message on", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    await inboxOf(bob).block(ada, true);
    const direct = await foundDirect(ada, bob);
    expect(await write(direct, ada)).toMatchObject({ ok: false, error: { code: "BLOCKED" } });
    await inboxOf(bob).block(ada, false);
    expect(await write(direct, ada)).toMatchObject({ ok: true });
  });

  test("that the direct conversation could not be told is an error, and holds after another try", async () => {
    const [ada, bob] = [freshUser(), freshUser()];
    const id = directConversationId(ada, bob);
    setReachable(id, false);
    const tried = await runInDurableObject(inboxOf(bob), (inbox) =>
      inbox.block(ada, true).catch(() => "failed"),
    );
    expect(tried).toBe("failed");
    setReachable(id, true);
    await inboxOf(bob).block(ada, true);
    const direct = await foundDirect(ada, bob);
    expect(direct.id).toBe(id);
    expect(await write(direct, ada)).toMatchObject({ error: { code: "BLOCKED" } });
  });

  test("of one more than somebody may block is refused, and repeats are not", async () => {
    const bob = freshUser();
    const people = range(1, LIMITS.blocks).map(() => freshUser());
    for (const userId of people) expect(await inboxOf(bob).block(userId, true)).toEqual(okNull);
    expect(await inboxOf(bob).block(freshUser(), true)).toMatchObject({
      ok: false,
      error: { code: "TOO_LARGE" },
    });
    expect(await inboxOf(bob).block(people[0] ?? bob, true)).toEqual(okNull);
    await inboxOf(bob).block(people[0] ?? bob, false);
    expect(await inboxOf(bob).block(freshUser(), true)).toEqual(okNull);
  });
});

const okNull = { ok: true, value: null };
