import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import { PING_TEXT } from "../../protocol/client-frames.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { constructionsOf, WITHOUT_BRIDGE } from "./worker.ts";
import {
  sendMany,
  foundGroup,
  range,
  viewOf,
  type TestConversation,
} from "./support/conversations.ts";
import { MemberSocket } from "./support/member-socket.ts";

/** Puts the object to sleep with its sockets open, as the platform does after some idle seconds. */
async function sleep({ stub }: TestConversation): Promise<void> {
  await evictDurableObject(stub, { webSockets: "hibernate" });
}

function alarmOf({ stub }: TestConversation): Promise<number | null> {
  return runInDurableObject(stub, (_object, { storage }) => storage.getAlarm());
}

describe("a conversation that slept", () => {
  test("still has its log, members, epoch and head", async () => {
    const conversation = await foundGroup(["alice", "bob"]);
    await sendMany(conversation, "alice", 5);
    const before = await viewOf(conversation, "alice");
    await sleep(conversation);
    expect(await viewOf(conversation, "alice")).toEqual(before);
    expect(constructionsOf(conversation.id)).toBe(2);
    await sendMany(conversation, "bob", 1, "after");
    expect((await viewOf(conversation, "alice")).head).toBe(6);
  });

  test("goes on serving the sockets that slept with it, under the users who opened them", async () => {
    const conversation = await foundGroup(["alice", "bob"]);
    const sender = await MemberSocket.join(conversation.id, "alice");
    const reader = await MemberSocket.join(conversation.id, "bob");
    await sleep(conversation);
    sender.sendMessage("after the sleep");
    expect(await sender.next("ack")).toMatchObject({ seq: 1 });
    const { events } = await reader.next("events");
    expect(events).toMatchObject([{ seq: 1, senderId: "alice" }]);
    reader.sendMessage("answer");
    expect((await sender.next("events")).events).toMatchObject([{ seq: 1 }]);
    expect((await sender.next("events")).events).toMatchObject([{ seq: 2, senderId: "bob" }]);
    expect(constructionsOf(conversation.id)).toBe(2);
  });

  test("[RES-3] goes on with a resume from the page it had reached", async () => {
    const conversation = await foundGroup(["alice"]);
    await sendMany(conversation, "alice", 2 * LIMITS.pageEvents + 10);
    const socket = await MemberSocket.join(conversation.id, "alice");
    const seen: number[] = [];
    for (let more = true; more;) {
      const page = await socket.next("events");
      seen.push(...page.events.map(({ seq }) => seq));
      more = page.more ?? false;
      if (!more) break;
      await sleep(conversation);
      socket.send({ type: "next" });
    }
    expect(seen).toEqual(range(1, 2 * LIMITS.pageEvents + 10));
    expect(constructionsOf(conversation.id)).toBe(3);
  });

  test("[HEL-3] remembers that hello was said, and that another socket has not said it", async () => {
    const conversation = await foundGroup(["alice"]);
    const greeted = await MemberSocket.open(conversation.id, "alice");
    const silent = await MemberSocket.open(conversation.id, "alice");
    await greeted.hello();
    await sleep(conversation);
    greeted.send({ type: "hello", version: 1 });
    expect(await greeted.next("error")).toMatchObject({ code: "INVALID_DATA" });
    silent.sendMessage("early");
    expect(await silent.next("error")).toMatchObject({ clientMessageId: "early" });
    await silent.hello();
  });

  test("sees the sockets that were closed meanwhile no more", async () => {
    const conversation = await foundGroup(["alice", "bob"]);
    const leaving = await MemberSocket.join(conversation.id, "bob");
    const staying = await MemberSocket.join(conversation.id, "alice");
    await sleep(conversation);
    leaving.socket.close(1000, "bye");
    expect(await leaving.closed).toBe(1000);
    staying.sendMessage("only for me");
    await staying.next("ack");
    const open = await runInDurableObject(conversation.stub, (_object, state) =>
      state.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN),
    );
    expect(open).toHaveLength(1);
  });
});

describe("idle", () => {
  test("[LIV-1] pings of 100 idle sockets are answered and never construct the object", async () => {
    const conversation = await foundGroup(["alice"]);
    const sockets = await Promise.all(
      range(1, 100).map(() => MemberSocket.open(conversation.id, "alice")),
    );
    await Promise.all(sockets.map((socket) => socket.hello()));
    await sleep(conversation);
    for (const _ of range(1, 3)) {
      for (const { socket } of sockets) socket.send(PING_TEXT);
      await Promise.all(sockets.map((socket) => socket.next("pong")));
    }
    expect(constructionsOf(conversation.id)).toBe(1);
    // the same sockets do wake it as soon as they say something else
    sockets[0]?.sendMessage("awake");
    await sockets[0]?.next("ack");
    expect(constructionsOf(conversation.id)).toBe(2);
  });

  test("without a bridge one alarm looks after the members' lists, whatever is written, and is the last", async () => {
    const conversation = await foundGroup(["alice", "bob"], WITHOUT_BRIDGE);
    const first = await alarmOf(conversation);
    const socket = await MemberSocket.join(conversation.id, "alice");
    socket.sendMessage("one");
    await socket.next("ack");
    await sendMany(conversation, "bob", 20);
    expect(await alarmOf(conversation)).toBe(first);
    vi.useFakeTimers({ toFake: ["Date"], now: (first ?? 0) + 1_000 });
    expect(await runDurableObjectAlarm(conversation.stub)).toBe(true);
    vi.useRealTimers();
    expect(await alarmOf(conversation)).toBeNull();
  });

  test("with a bridge one alarm serves everything that is written meanwhile", async () => {
    const conversation = await foundGroup(["alice"]);
    await runDurableObjectAlarm(conversation.stub);
    const first = await alarmOf(conversation);
    expect(first).not.toBeNull();
    await sendMany(conversation, "alice", 20);
    expect(await alarmOf(conversation)).toBe(first);
  });
});
