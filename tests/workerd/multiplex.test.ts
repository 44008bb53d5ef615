import { evictDurableObject } from "cloudflare:test";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { MissedEvents } from "../../durable-objects/gateway/missed-events.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { UnavailableError } from "../../edge/calls/object-call.ts";
import { asMember } from "../support/changes.ts";
import { add, change } from "./support/late-members.ts";
import { deliveryOf } from "./support/log-delivery.ts";
import { foundGroup, range, send, sendMany, valueOf } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { Multiplexed } from "./support/multiplexed.ts";
import { freshUser } from "./support/people.ts";
import { mintToken } from "./support/tokens.ts";

async function connected(place: EdgePlace, userId: string, expiresIn = 900): Promise<Multiplexed> {
  return Multiplexed.open(place, await mintToken(userId, { expiresIn }));
}

/** The next page that is read arrives only once it is released. */
function holdPage(): { release: () => Promise<void> } {
  const place = { isReleased: false, hasArrived: false };
  const page = vi.spyOn(MissedEvents.prototype, "page");
  page.mockImplementationOnce(async function held(this: MissedEvents, ...asked) {
    const answer = await this.page(...asked);
    // turns of the object's own: what another one resolves would not wake it
    while (!place.isReleased) await scheduler.wait(1);
    place.hasArrived = true;
    return answer;
  });
  onTestFinished(() => page.mockRestore());
  const release = async () => {
    place.isReleased = true;
    await expect.poll(() => place.hasArrived).toBe(true);
  };
  return { release };
}

describe("one socket for many conversations", () => {
  test("[MUX-1] carries each with its id, in one text or many", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const [one, other] = [await foundGroup([me, you]), await foundGroup([me, you])];
    await sendMany(other, you, 2);
    const [ada, bo] = [await connected(place, me), await connected(place, you)];
    ada.send(
      { conversationId: one.id, type: "hello", version: 1 },
      { conversationId: other.id, type: "hello", version: 1 },
      { type: "hello", version: 1 },
    );
    expect(await ada.next(one.id, "welcome")).toMatchObject({ userId: me, head: 0, from: 0 });
    expect(await ada.next(other.id, "welcome")).toMatchObject({ head: 2, from: 0 });
    const [welcome] = ada.texts.filter((text) => text.includes('"type":"welcome"'));
    expect(welcome?.match(/"conversationId":/g)).toHaveLength(1);
    expect(await ada.seqs(other.id, 2)).toEqual([1, 2]);
    expect(await ada.next(undefined, "error")).toMatchObject({ code: "MISSING_DATA" });
    bo.hello(one.id);
    await bo.next(one.id, "welcome");
    ada.say(one.id, { type: "send", clientMessageId: "m", message: { content: "hi" } });
    expect(await ada.next(one.id, "ack")).toMatchObject({ clientMessageId: "m", seq: 1 });
    expect(await bo.next(one.id, "events")).toMatchObject({ events: [{ seq: 1, senderId: me }] });
    bo.say(one.id, { type: "react", clientMessageId: "r", target: 1, emoji: "x" });
    expect(await bo.next(one.id, "ack")).toMatchObject({ clientMessageId: "r", seq: 2 });
    ada.say(one.id, { type: "edit", clientMessageId: "e", target: 1, content: "hi!" });
    expect(await ada.next(one.id, "ack")).toMatchObject({ clientMessageId: "e", seq: 3 });
    expect(await bo.seqs(one.id, 3)).toEqual([2, 3]);
    ada.say(one.id, { type: "typing", active: true });
    expect(await bo.next(one.id, "typing")).toMatchObject({ userId: me, active: true });
    bo.say(one.id, { type: "receipt", read: 3 });
    const receipts = await ada.next(one.id, "receipts");
    expect(receipts["receipts"]).toEqual(
      expect.arrayContaining([expect.objectContaining({ userId: you, read: 3 })]),
    );
    ada.say(one.id, { type: "delete", clientMessageId: "d", target: 1, scope: "me" });
    expect(await ada.next(one.id, "ack")).toMatchObject({ clientMessageId: "d" });
    expect(await ada.next(one.id, "hidden")).toMatchObject({ target: 1 });
    ada.say(one.id, {
      type: "batch",
      sends: [
        { clientMessageId: "b1", message: { content: "one" } },
        { clientMessageId: "b2", message: { content: "two" } },
      ],
    });
    expect(await ada.next(one.id, "ack")).toMatchObject({ clientMessageId: "b1" });
    expect(await ada.next(one.id, "ack")).toMatchObject({ clientMessageId: "b2" });
  });

  test("[MUX-1] resumes from a cursor, page by page, with no gap and no repeat at the cut-over", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const missed = LIMITS.pageEvents + 20;
    await sendMany(conversation, you, missed);
    const ada = await connected(place, me);
    ada.hello(conversation.id, 10);
    expect(await ada.next(conversation.id, "welcome")).toMatchObject({ from: 10, head: missed });
    const live = Promise.all(range(1, 5).map((n) => send(conversation, you, `live${n}`)));
    expect(await ada.seqs(conversation.id, missed + 5)).toEqual(range(11, missed + 5));
    await live;
  });

  test("[RES-3] a page that is asked for twice comes once", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const { id: conversationId } = conversation;
    const missed = 2 * LIMITS.pageEvents + 1;
    await sendMany(conversation, you, missed);
    const ada = await connected(place, me);
    ada.hello(conversationId);
    expect(await ada.next(conversationId, "events")).toMatchObject({ more: true });
    ada.send({ conversationId, type: "next" }, { conversationId, type: "next" });
    expect(await ada.seqs(conversationId, missed)).toEqual(range(LIMITS.pageEvents + 1, missed));
    await send(conversation, you, "live");
    expect(await ada.seqs(conversationId, missed + 1)).toEqual([missed + 1]);
    const frames = ada.texts.filter((text) => text.includes('"type":"events"'));
    expect(frames).toHaveLength(4);
  });

  test("[MUX-1] a page that was asked for before a second hello is no part of what follows it", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const { id: conversationId } = conversation;
    const missed = 2 * LIMITS.pageEvents + 1;
    await sendMany(conversation, you, missed);
    const ada = await connected(place, me);
    ada.hello(conversationId, LIMITS.pageEvents);
    await ada.next(conversationId, "welcome");
    expect(await ada.next(conversationId, "events")).toMatchObject({ more: true });
    const late = holdPage();
    ada.send(
      { conversationId, type: "next" },
      { conversationId, type: "bye" },
      { conversationId, type: "hello", version: PROTOCOL_VERSION, cursor: 0 },
    );
    await ada.next(conversationId, "welcome");
    await late.release();
    expect(await ada.seqs(conversationId, missed)).toEqual(range(1, missed));
  });

  test("[MUX-1] takes a text that greets and goes on", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const { id: conversationId } = await foundGroup([me, you]);
    const ada = await connected(place, me);
    ada.send(
      { conversationId, type: "hello", version: 1 },
      { conversationId, type: "send", clientMessageId: "m1", message: { content: "one" } },
      { conversationId, type: "send", clientMessageId: "m2", message: { content: "two" } },
    );
    const acks = [await ada.next(conversationId, "ack"), await ada.next(conversationId, "ack")];
    const places = new Map(acks.map((ack) => [ack["clientMessageId"], ack["seq"]]));
    expect(places).toEqual(
      new Map([
        ["m1", 1],
        ["m2", 2],
      ]),
    );
  });

  test("[FAN-1] answers of one turn share a text", async () => {
    const place = new EdgePlace();
    const me = freshUser();
    const { id: conversationId } = await foundGroup([me]);
    const ada = await connected(place, me);
    ada.hello(conversationId);
    await ada.next(conversationId, "welcome");
    ada.send(
      ...range(1, 9).map((n) => ({
        conversationId,
        type: "send",
        clientMessageId: `m${n}`,
        message: { content: "x" },
      })),
    );
    for (const n of range(1, 9)) {
      expect(await ada.next(conversationId, "ack")).toMatchObject({ clientMessageId: `m${n}` });
    }
    const withAcks = ada.texts.filter((text) => text.includes('"type":"ack"'));
    expect(withAcks).toHaveLength(1);
  });

  test("[MUX-1] tells what became of changes without an ack", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    await send(conversation, me, "known");
    const ada = await connected(place, me);
    ada.say(conversation.id, {
      type: "hello",
      version: PROTOCOL_VERSION,
      pending: ["known", "lost"],
    });
    const welcome = await ada.next(conversation.id, "welcome");
    expect(welcome["fates"]).toMatchObject([{ clientMessageId: "known", seq: 1 }]);
    ada.say(conversation.id, { type: "edit", clientMessageId: "e", target: 9, content: "x" });
    expect(await ada.next(conversation.id, "error")).toMatchObject({
      clientMessageId: "e",
      code: "NOT_FOUND",
    });
  });

  test("[MUX-2] is refused without a token that is good, and told why", async () => {
    const place = new EdgePlace();
    const refused = await Multiplexed.open(place, "x.y.z");
    expect(await refused.next(undefined, "error")).toMatchObject({ code: "INVALID_TOKEN" });
    expect(await refused.closed).toBe(4501);
  });

  test("[MUX-2] ends with its token", async () => {
    const place = new EdgePlace();
    const ada = await connected(place, freshUser(), 1);
    expect(await ada.closed).toBe(4401);
  });

  test("[MUX-3] follows from hello to bye, also when both come in one text", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const ada = await connected(place, me);
    ada.say(conversation.id, { type: "typing", active: true });
    expect(await ada.next(conversation.id, "error")).toMatchObject({ code: "INVALID_DATA" });
    ada.hello(conversation.id);
    await ada.next(conversation.id, "welcome");
    ada.hello(conversation.id);
    expect(await ada.next(conversation.id, "error")).toMatchObject({ code: "INVALID_DATA" });
    ada.say(conversation.id, { type: "bye" });
    ada.say(conversation.id, { type: "next" });
    expect(await ada.next(conversation.id, "error")).toMatchObject({ code: "INVALID_DATA" });
    ada.hello(conversation.id);
    await ada.next(conversation.id, "welcome");
    const named = { conversationId: conversation.id };
    ada.send({ ...named, type: "bye" }, { ...named, type: "hello", version: PROTOCOL_VERSION });
    await ada.next(conversation.id, "welcome");
    expect(ada.unread(conversation.id).map(({ type }) => type)).not.toContain("error");
    ada.hello("strange-group");
    expect(await ada.next("strange-group", "error")).toMatchObject({ code: "NOT_FOUND" });
  });

  test("[MUX-3] takes what comes while a hello is answered in its order, another hello as well", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const { id: conversationId } = conversation;
    const ada = await connected(place, me);
    const hello = { conversationId, type: "hello", version: PROTOCOL_VERSION };
    const say = (clientMessageId: string) => ({
      conversationId,
      type: "send",
      clientMessageId,
      message: { content: clientMessageId },
    });
    ada.send(hello, { conversationId, type: "bye" }, hello, say("mine"));
    for (const _ of ["first", "second"]) await ada.next(conversationId, "welcome");
    expect(await ada.next(conversationId, "ack")).toMatchObject({ clientMessageId: "mine" });
    await send(conversation, you, "yours");
    expect(await ada.seqs(conversationId, 2)).toEqual([1, 2]);
    expect(ada.unread(conversationId).map(({ type }) => type)).not.toContain("error");
    ada.send({ conversationId, type: "bye" }, hello, hello);
    await ada.next(conversationId, "welcome");
    expect(await ada.next(conversationId, "error")).toMatchObject({ message: "hello comes once" });
  });

  test("[MUX-3] takes another hello after one that failed on its way", async () => {
    const place = new EdgePlace();
    const me = freshUser();
    const { id } = await foundGroup([me]);
    const ada = await connected(place, me);
    const away = vi
      .spyOn(MissedEvents.prototype, "page")
      .mockRejectedValueOnce(new UnavailableError("away"));
    onTestFinished(() => away.mockRestore());
    ada.hello(id);
    expect(await ada.next(id, "error")).toMatchObject({ code: "UNAVAILABLE" });
    ada.hello(id);
    ada.say(id, { type: "send", clientMessageId: "m", message: { content: "heard" } });
    expect(await ada.next(id, "welcome")).toMatchObject({ head: 0 });
    expect(await ada.seqs(id, 1)).toEqual([1]);
  });

  test("[MUX-4] says that there is news elsewhere, and when membership ends", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const ada = await connected(place, me);
    const conversation = await foundGroup([you, me]);
    await send(conversation, you, "welcome");
    await ada.next(conversation.id, "news");
    ada.hello(conversation.id);
    await ada.next(conversation.id, "welcome");
    await conversation.rpc.change(asMember(you), "k", { type: "removeMember", userId: me });
    expect(await ada.seqs(conversation.id, 2)).toEqual([1, 2]);
    expect(await ada.next(conversation.id, "error")).toMatchObject({ code: "NOT_FOUND" });
  });

  test("[GTW-4] an old departure that comes again ends nothing", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const [ada, bo] = [await connected(place, me), await connected(place, you)];
    for (const socket of [ada, bo]) {
      socket.hello(conversation.id);
      await socket.next(conversation.id, "welcome");
    }
    await change(conversation, me, { type: "removeMember", userId: you });
    expect(await bo.next(conversation.id, "error")).toMatchObject({ code: "NOT_FOUND" });
    await add(conversation, me, you);
    bo.hello(conversation.id, 2);
    await bo.next(conversation.id, "welcome");
    await place.nativeGateway.deliver(await deliveryOf(conversation, me));
    await send(conversation, me, "back");
    expect(await bo.seqs(conversation.id, 3)).toContain(3);
    expect(bo.unread(conversation.id).map(({ type }) => type)).not.toContain("error");
  });

  test("[MEM-7] ends with the group for everybody in it", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const sockets = [await connected(place, me), await connected(place, you)];
    for (const socket of sockets) {
      socket.hello(conversation.id);
      await socket.next(conversation.id, "welcome");
    }
    valueOf(await conversation.rpc.change(asMember(me), "k", { type: "dismiss" }));
    for (const socket of sockets) {
      expect(await socket.seqs(conversation.id, 1)).toEqual([1]);
      expect(await socket.next(conversation.id, "error")).toMatchObject({ code: "NOT_FOUND" });
    }
  });

  test("[ADM-4] tells those who may answer how many wait, and nobody else", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const [ada, bo] = [await connected(place, me), await connected(place, you)];
    for (const socket of [ada, bo]) {
      socket.hello(conversation.id);
      await socket.next(conversation.id, "welcome");
    }
    const stranger = { userId: freshUser(), name: "Cy", note: "" };
    valueOf(await conversation.rpc.requestToJoin(stranger));
    expect(await ada.next(conversation.id, "joinRequests")).toMatchObject({ waiting: 1 });
    valueOf(
      await conversation.rpc.change(asMember(me), "k", { type: "admit", userId: stranger.userId }),
    );
    expect(await ada.seqs(conversation.id, 1)).toEqual([1]);
    expect(await ada.next(conversation.id, "joinRequests")).toMatchObject({ waiting: 0 });
    await send(conversation, me, "after");
    expect(await bo.seqs(conversation.id, 2)).toEqual([1, 2]);
    expect(bo.unread(conversation.id).map(({ type }) => type)).not.toContain("joinRequests");
  });

  test("[GTW-2] sleeps and goes on with every conversation where it was", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const [one, other] = [await foundGroup([me, you]), await foundGroup([me, you])];
    const ada = await connected(place, me);
    for (const { id } of [one, other]) {
      ada.hello(id);
      await ada.next(id, "welcome");
    }
    await send(one, you, "before");
    expect(await ada.seqs(one.id, 1)).toEqual([1]);
    await evictDurableObject(place.nativeGateway, { webSockets: "hibernate" });
    await send(one, you, "after");
    await send(other, you, "elsewhere");
    expect(await ada.seqs(one.id, 2)).toEqual([2]);
    expect(await ada.seqs(other.id, 1)).toEqual([1]);
  });
});
