import { describe, expect, test } from "vitest";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { asMember } from "../support/changes.ts";
import {
  foundGroup,
  range,
  send,
  sendMany,
  user,
  valueOf,
  viewOf,
} from "./support/conversations.ts";
import { MemberSocket } from "./support/member-socket.ts";

describe("changes over a socket", () => {
  test("[CHG-2] an edit is acked, told to all, and late readers get the message as it is now", async () => {
    const conversation = await foundGroup(["ada", "bo"]);
    await send(conversation, "ada", "one", "frist");
    const ada = await MemberSocket.join(conversation.id, "ada");
    const bo = await MemberSocket.join(conversation.id, "bo");
    await ada.next("events");
    await bo.next("events");
    ada.send({ type: "edit", clientMessageId: "e1", target: 1, content: "first" });
    expect(await ada.next("ack")).toMatchObject({ clientMessageId: "e1", seq: 2 });
    const edited = {
      seq: 2,
      type: "edited",
      senderId: "ada",
      target: 1,
      version: 2,
      content: "first",
    };
    expect((await bo.next("events")).events).toMatchObject([edited]);
    const late = await MemberSocket.join(conversation.id, "bo");
    expect((await late.next("events")).events).toMatchObject([
      { seq: 1, version: 2, message: { content: "first" } },
      edited,
    ]);
    expect(valueOf(await conversation.rpc.versions(user("ada"), 1))).toMatchObject([
      { version: 1, content: "frist" },
    ]);
    expect(await conversation.rpc.versions(user("bo"), 1)).toMatchObject({
      ok: false,
      error: { code: "FORBIDDEN" },
    });
  });

  test("[CHG-3] a deletion leaves the place and takes every word, also of earlier edits", async () => {
    const conversation = await foundGroup(["ada", "bo"]);
    const bo = await MemberSocket.join(conversation.id, "bo");
    bo.sendMessage("m", "secret");
    await bo.next("ack");
    await bo.next("events");
    bo.send({ type: "edit", clientMessageId: "e", target: 1, content: "secret too" });
    await bo.next("ack");
    await bo.next("events");
    bo.send({ type: "delete", clientMessageId: "d", target: 1 });
    await bo.next("ack");
    const page = valueOf(await conversation.rpc.catchUp(user("ada"), 0));
    expect(page.events).not.toContain("secret");
    expect(JSON.parse(page.events)).toMatchObject([
      { seq: 1, type: "message", message: { content: "" }, deletedAt: expect.any(Number) },
      { seq: 2, type: "edited", content: "" },
      { seq: 3, type: "deleted", target: 1 },
    ]);
    expect(
      valueOf(await conversation.rpc.versions(user("ada"), 1)).map(({ content }) => content),
    ).toEqual(["secret", "secret too"]);
  });

  test("[CHG-4] reactions count once per member and emoji", async () => {
    const conversation = await foundGroup(["ada", "bo"]);
    await send(conversation, "ada", "one");
    const bo = await MemberSocket.join(conversation.id, "bo");
    await bo.next("events");
    const react = (key: string) =>
      bo.send({ type: "react", clientMessageId: key, target: 1, emoji: "👍" });
    react("r1");
    expect(await bo.next("ack")).toMatchObject({ seq: 2 });
    await bo.next("events");
    react("r2");
    await bo.next("ack");
    const view = valueOf(await conversation.rpc.message(user("bo"), 1));
    expect(view.reactions).toEqual([{ emoji: "👍", count: 1, mine: true }]);
    expect((await viewOf(conversation, "ada")).head).toBe(2);
  });

  test("[CHG-5] hiding is private: own devices lose the message, others keep it", async () => {
    const conversation = await foundGroup(["ada", "bo"]);
    await send(conversation, "ada", "one");
    const [phone, laptop, ada] = [
      await MemberSocket.join(conversation.id, "bo"),
      await MemberSocket.join(conversation.id, "bo"),
      await MemberSocket.join(conversation.id, "ada"),
    ];
    await phone.next("events");
    await laptop.next("events");
    phone.send({ type: "delete", clientMessageId: "h", target: 1, scope: "me" });
    expect(await laptop.next("hidden")).toEqual({ type: "hidden", target: 1 });
    const page = valueOf(await conversation.rpc.catchUp(user("bo"), 0));
    expect(JSON.parse(page.events)).toEqual([{ seq: 1, at: expect.any(Number), type: "hidden" }]);
    expect(valueOf(await conversation.rpc.history(user("bo"), { limit: 9 })).messages).toEqual([]);
    expect(
      valueOf(await conversation.rpc.history(user("ada"), { limit: 9 })).messages,
    ).toHaveLength(1);
    expect(ada.framesOf("hidden")).toEqual([]);
  });

  test("[SND-5] a batch is stored whole or not at all", async () => {
    const conversation = await foundGroup(["ada"]);
    const ada = await MemberSocket.join(conversation.id, "ada");
    const sends = range(1, 3).map((n) => ({
      clientMessageId: `b${n}`,
      message: { content: `${n}` },
    }));
    ada.send({ type: "batch", sends });
    expect(await ada.next("ack")).toMatchObject({ clientMessageId: "b1", seq: 1 });
    expect(await ada.next("ack")).toMatchObject({ clientMessageId: "b2", seq: 2 });
    expect(await ada.next("ack")).toMatchObject({ clientMessageId: "b3", seq: 3 });
    await ada.next("events");
    ada.send({
      type: "batch",
      sends: [...sends.slice(2), { clientMessageId: "b4", message: { content: "4" } }],
    });
    expect(await ada.next("error")).toMatchObject({ code: "CONFLICT", clientMessageId: "b3" });
    expect(await ada.next("error")).toMatchObject({ code: "CONFLICT", clientMessageId: "b4" });
    expect((await viewOf(conversation, "ada")).head).toBe(3);
  });

  test("[SND-4] a conditional send that comes too late says where the log ends", async () => {
    const conversation = await foundGroup(["ada"]);
    await sendMany(conversation, "ada", 3);
    const ada = await MemberSocket.join(conversation.id, "ada");
    await ada.next("events");
    ada.send({ type: "send", clientMessageId: "c", message: { content: "x" }, ifLastSeq: 2 });
    expect(await ada.next("error")).toMatchObject({
      code: "CONFLICT",
      clientMessageId: "c",
      lastSeq: 3,
    });
    ada.send({ type: "send", clientMessageId: "c", message: { content: "x" }, ifLastSeq: 3 });
    expect(await ada.next("ack")).toMatchObject({ seq: 4 });
  });
});

describe("members", () => {
  test("[MEM-3] whoever is removed sees why, loses his sockets, and reads nothing more", async () => {
    const conversation = await foundGroup(["ada", "bo", "cy"]);
    const bo = await MemberSocket.join(conversation.id, "bo");
    const cy = await MemberSocket.join(conversation.id, "cy");
    const removed = await conversation.rpc.change(asMember("ada"), "k", {
      type: "removeMember",
      userId: "bo",
    });
    expect(removed.ok).toBe(true);
    expect((await bo.next("events")).events).toMatchObject([
      { type: "membership", action: "removed" },
    ]);
    expect(await bo.closed).toBe(CLOSE_CODES.forbidden);
    await send(conversation, "ada", "after");
    await cy.next("events");
    expect((await cy.next("events")).events).toMatchObject([{ seq: 2 }]);
    expect(bo.unread).toEqual([]);
    expect(await conversation.rpc.catchUp(user("bo"), 0)).toMatchObject({
      ok: false,
      error: { code: "NOT_FOUND" },
    });
  });

  test("[MEM-1] with history from joining on, a new member's reading starts there", async () => {
    const conversation = await foundGroup(["ada"]);
    await conversation.rpc.change(asMember("ada"), "k1", {
      type: "configure",
      change: { history: "joined" },
    });
    await sendMany(conversation, "ada", 3);
    const people = [{ userId: "eve", name: "Eve" }];
    await conversation.rpc.change(asMember("ada"), "k2", { type: "addMembers", people });
    const eve = await MemberSocket.open(conversation.id, "eve");
    expect(await eve.hello()).toMatchObject({ head: 5, from: 4, me: { unread: 0 } });
    expect((await eve.next("events")).events).toMatchObject([
      { seq: 5, type: "membership", action: "added" },
    ]);
    expect(
      valueOf(await conversation.rpc.history(user("eve"), { limit: 50 })).messages,
    ).toHaveLength(1);
    expect(await conversation.rpc.message(user("eve"), 3)).toMatchObject({ ok: false });
  });

  test("[HEL-2] a reader who keeps nothing may start near the end", async () => {
    const conversation = await foundGroup(["ada"]);
    await sendMany(conversation, "ada", 20);
    const ada = await MemberSocket.open(conversation.id, "ada");
    expect(await ada.hello({ last: 5 })).toMatchObject({ from: 15, head: 20 });
    expect((await ada.next("events")).events.map(({ seq }) => seq)).toEqual([16, 17, 18, 19, 20]);
  });
});

describe("the moment", () => {
  test("[LIV-3] typing reaches the others and not oneself, and is stored nowhere", async () => {
    const conversation = await foundGroup(["ada", "bo"]);
    const ada = await MemberSocket.join(conversation.id, "ada");
    const bo = await MemberSocket.join(conversation.id, "bo");
    const before = await conversation.rpc.usage();
    ada.send({ type: "typing", active: true });
    await expect
      .poll(() => bo.framesOf("typing"))
      .toEqual([{ type: "typing", userId: "ada", active: true }]);
    expect(ada.framesOf("typing")).toEqual([]);
    expect(await conversation.rpc.usage()).toEqual(before);
  });

  test("[LIV-4] the first connection of a member and the end of the last one are told", async () => {
    const conversation = await foundGroup(["ada", "bo"]);
    const ada = await MemberSocket.join(conversation.id, "ada");
    const phone = await MemberSocket.join(conversation.id, "bo");
    const laptop = await MemberSocket.join(conversation.id, "bo");
    phone.socket.close(1000);
    await phone.closed;
    laptop.socket.close(1000);
    await laptop.closed;
    await expect
      .poll(() => ada.framesOf("presence"))
      .toEqual([
        { type: "presence", userId: "bo", online: true },
        { type: "presence", userId: "bo", online: false },
      ]);
  });

  test("[LIM-14] a flood is refused, then sent away for a while, and stores what it may", async () => {
    const conversation = await foundGroup(["ada"]);
    const ada = await MemberSocket.join(conversation.id, "ada");
    const text = JSON.stringify(
      range(1, LIMITS.framesPerText).map(() => ({ type: "typing", active: true })),
    );
    for (const _ of range(1, 4)) ada.socket.send(text);
    expect(await ada.closed).toBe(CLOSE_CODES.rateLimited);
    expect(ada.framesOf("error")).toContainEqual(
      expect.objectContaining({
        code: "RATE_LIMITED",
        retryable: true,
        retryAfterMs: expect.any(Number),
      }),
    );
    expect(ada.framesOf("bye")).toEqual([{ type: "bye", retryAfterMs: expect.any(Number) }]);
  });
});

test("[AUTH-4] a session whose token ran out gets nothing more, and is told to come back with a new one", async () => {
  const conversation = await foundGroup(["ada", "bo"]);
  const late = await MemberSocket.open(conversation.id, "bo", 500);
  await late.hello();
  const other = await MemberSocket.join(conversation.id, "bo");
  await scheduler.wait(600); // the token's own life, which no fake clock of ours can shorten
  await send(conversation, "ada", "m");
  expect(await late.closed).toBe(CLOSE_CODES.tokenExpired);
  expect((await other.next("events")).events).toHaveLength(1);
  expect(late.unread).toEqual([]);
});
