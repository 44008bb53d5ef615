import { describe, expect, test } from "vitest";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { foundGroup, range, send, sendMany, viewOf } from "./support/conversations.ts";
import { MemberSocket } from "./support/member-socket.ts";

describe("hello", () => {
  test("[LIM-6] a welcome with as many fates as can be asked for never makes a text too large", async () => {
    const conversation = await foundGroup(["alice"]);
    const keys = range(1, LIMITS.pendingKeys).map((n) =>
      `${n}`.padEnd(LIMITS.clientMessageIdChars, "k"),
    );
    const wide = "\u20ac".repeat(Math.floor(LIMITS.contentBytes / 3));
    await Promise.all(range(1, 40).map((n) => send(conversation, "alice", `wide-${n}`, wide)));
    await Promise.all(keys.map((key) => send(conversation, "alice", key, "x")));
    const socket = await MemberSocket.open(conversation.id, "alice");
    const welcome = await socket.hello({ pending: keys });
    expect(welcome.fates).toHaveLength(LIMITS.pendingKeys);
    expect((await socket.next("events")).events.length).toBeGreaterThan(20);
    const sizes = socket.texts.map((text) => new TextEncoder().encode(text).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(LIMITS.serverFrameBytes);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(LIMITS.serverFrameBytes);
  });

  test("[HEL-1] welcome says who is here and where the log ends; nothing follows at the head", async () => {
    const conversation = await foundGroup(["alice", "bob"]);
    await sendMany(conversation, "alice", 3);
    const socket = await MemberSocket.open(conversation.id, "bob");
    const welcome = await socket.hello({ cursor: 3 });
    expect(welcome).toMatchObject({
      conversationId: conversation.id,
      userId: "bob",
      head: 3,
      conversation: { type: "group", name: "Team", memberCount: 2 },
      fates: [],
    });
    socket.sendMessage("next");
    await socket.next("ack");
    expect((await socket.next("events")).events.map(({ seq }) => seq)).toEqual([4]);
  });

  test("[HEL-2] before hello a send is refused with its key, and nothing is stored", async () => {
    const conversation = await foundGroup(["alice"]);
    const socket = await MemberSocket.open(conversation.id, "alice");
    socket.sendMessage("early");
    expect(await socket.next("error")).toMatchObject({
      code: "INVALID_DATA",
      clientMessageId: "early",
      retryable: false,
    });
    expect((await socket.hello()).head).toBe(0);
  });

  test("[VER-1] another version is refused and the socket closed for good", async () => {
    const conversation = await foundGroup(["alice"]);
    const socket = await MemberSocket.open(conversation.id, "alice");
    socket.send({ type: "hello", version: 99 });
    expect(await socket.next("error")).toMatchObject({ code: "INVALID_DATA" });
    expect(await socket.closed).toBe(CLOSE_CODES.protocol);
  });

  test("[HEL-3] hello comes once", async () => {
    const conversation = await foundGroup(["alice"]);
    const socket = await MemberSocket.join(conversation.id, "alice");
    socket.send({ type: "hello", version: 1 });
    expect(await socket.next("error")).toMatchObject({ code: "INVALID_DATA" });
    socket.sendMessage("still alive");
    await socket.next("ack");
  });

  test("[HEL-4] every pending key that is stored gets its ack again, no other one a fate", async () => {
    const conversation = await foundGroup(["alice", "bob"]);
    const stored = await send(conversation, "alice", "mine");
    await send(conversation, "bob", "of-bob");
    const socket = await MemberSocket.open(conversation.id, "alice");
    const { fates } = await socket.hello({ cursor: 2, pending: ["lost", "mine", "of-bob"] });
    expect(fates).toEqual([{ clientMessageId: "mine", seq: stored.seq, at: stored.at }]);
  });
});

describe("resume", () => {
  test("[RES-2] [RES-3] a long gap comes in pages that are asked for, then live, with no gap and no repeat", async () => {
    const conversation = await foundGroup(["alice", "bob"]);
    await sendMany(conversation, "alice", 1_200);
    const socket = await MemberSocket.join(conversation.id, "bob", { cursor: 3 });
    const seen: number[] = [];
    const pageSizes: number[] = [];
    for (let more = true; more;) {
      // written while the resume is under way: it has to come in its place, not in front
      await send(conversation, "alice", `between ${pageSizes.length}`);
      const page = await socket.next("events");
      seen.push(...page.events.map(({ seq }) => seq));
      pageSizes.push(page.events.length);
      more = page.more ?? false;
      if (more) socket.send({ type: "next" });
    }
    expect(pageSizes.slice(0, 2)).toEqual([LIMITS.pageEvents, LIMITS.pageEvents]);
    await send(conversation, "alice", "live");
    while ((seen.at(-1) ?? 0) < 1_201 + pageSizes.length) {
      seen.push(...(await socket.next("events")).events.map(({ seq }) => seq));
    }
    expect(seen).toEqual(range(4, 1_201 + pageSizes.length));
  });

  test("[RES-3] a page comes only when it is asked for", async () => {
    const conversation = await foundGroup(["alice"]);
    await sendMany(conversation, "alice", LIMITS.pageEvents + 1);
    const socket = await MemberSocket.join(conversation.id, "alice");
    expect((await socket.next("events")).more).toBe(true);
    socket.sendMessage("own send while resuming");
    await socket.next("ack");
    expect(socket.unread).toEqual([]);
    socket.send({ type: "next" });
    const last = await socket.next("events");
    expect(last.events.map(({ seq }) => seq)).toEqual([501, 502]);
    expect(last.more).toBeUndefined();
  });

  test("[LIM-7] pages of long texts stay within their bytes and take at least one event", async () => {
    const conversation = await foundGroup(["alice"]);
    const longest = "é".repeat(LIMITS.contentBytes / 2);
    for (const n of range(1, 12)) {
      await send(conversation, "alice", `k${n}`, longest);
    }
    const socket = await MemberSocket.join(conversation.id, "alice");
    const seen: number[] = [];
    for (let more = true; more;) {
      const page = await socket.next("events");
      seen.push(...page.events.map(({ seq }) => seq));
      more = page.more ?? false;
      if (more) socket.send({ type: "next" });
    }
    expect(seen).toEqual(range(1, 12));
    for (const text of socket.texts) {
      expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(LIMITS.serverFrameBytes);
    }
  });

  test.each([
    ["of another epoch", { cursor: 2, epoch: "gone" }],
    ["past the head", { cursor: 99 }],
  ])("[RES-4] a cursor %s starts over", async (_name, hello) => {
    const conversation = await foundGroup(["alice"]);
    await sendMany(conversation, "alice", 4);
    const socket = await MemberSocket.join(conversation.id, "alice", hello);
    expect((await socket.next("events")).events.map(({ seq }) => seq)).toEqual(range(1, 4));
  });

  test("[RES-4] the right epoch goes on from the cursor", async () => {
    const conversation = await foundGroup(["alice"]);
    await sendMany(conversation, "alice", 4);
    const { epoch } = await viewOf(conversation, "alice");
    const socket = await MemberSocket.join(conversation.id, "alice", { cursor: 2, epoch });
    expect((await socket.next("events")).events.map(({ seq }) => seq)).toEqual([3, 4]);
  });
});

describe("live", () => {
  test("[FRM-2] [FAN-1] sends of one text are one group: own acks first, then one frame of events", async () => {
    const conversation = await foundGroup(["alice", "bob"]);
    const sender = await MemberSocket.join(conversation.id, "alice");
    const reader = await MemberSocket.join(conversation.id, "bob");
    const keys = range(1, 20).map((n) => `k${n}`);
    sender.send(
      ...keys.map((key) => ({
        type: "send" as const,
        clientMessageId: key,
        message: { content: key },
      })),
    );
    const events = await reader.next("events");
    expect(events.events).toMatchObject(keys.map((clientMessageId) => ({ clientMessageId })));
    for (const [index, key] of keys.entries()) {
      expect(await sender.next("ack")).toMatchObject({ clientMessageId: key, seq: index + 1 });
    }
    expect(await sender.next("events")).toEqual(events);
    const withEvents = (texts: string[]) => texts.filter((text) => text.includes('"events"'));
    expect(withEvents(sender.texts)).toHaveLength(1);
    expect(withEvents(reader.texts)).toHaveLength(1);
    expect(withEvents(sender.texts)[0]).toMatch(/^\[\{"type":"ack"/);
  });

  test("[LIM-10] a socket that was refused 64 frames lives, the next one ends it", async () => {
    const conversation = await foundGroup(["alice"]);
    const socket = await MemberSocket.join(conversation.id, "alice");
    for (const _ of range(1, LIMITS.refusedFrames)) {
      socket.socket.send("{");
      expect(await socket.next("error")).toMatchObject({ code: "INVALID_DATA" });
    }
    socket.sendMessage("alive");
    await socket.next("ack");
    socket.socket.send("{");
    expect(await socket.closed).toBe(CLOSE_CODES.protocol);
  });

  test("[LIM-10] [LIV-4] nothing counts that comes in one text with what closes a socket", async () => {
    const conversation = await foundGroup(["alice", "bob"]);
    const bob = await MemberSocket.join(conversation.id, "bob");
    const alice = await MemberSocket.open(conversation.id, "alice");
    const odd = range(0, LIMITS.refusedFrames).map(() => ({ type: "odd" }));
    const hello = { type: "hello", version: 1 };
    const late = { type: "send", clientMessageId: "late", message: { content: "late" } };
    alice.socket.send(JSON.stringify([...odd, hello, late]));
    expect(await alice.closed).toBe(CLOSE_CODES.protocol);
    const again = await MemberSocket.join(conversation.id, "alice");
    again.sendMessage("again");
    expect((await bob.next("events")).events).toMatchObject([{ clientMessageId: "again" }]);
    expect(bob.framesOf("presence")).toEqual([{ type: "presence", userId: "alice", online: true }]);
  });
});
