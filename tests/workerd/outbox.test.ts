import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import type { OtherChange } from "../../core/changes/change.ts";
import { shardOf } from "../../core/outbox.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import type { BridgeFrame } from "../../protocol/outbox-frames.ts";
import { asMember } from "../support/changes.ts";
import { BridgeSocket, SINK } from "./support/bridge-socket.ts";
import type { Outbox } from "./worker.ts";
import {
  conversationOf,
  sendMany,
  foundGroup,
  user,
  range,
  viewOf,
  type TestConversation,
} from "./support/conversations.ts";

/** A shard that no conversation hashes to, so that only what a test publishes is in it. */
function freshShard() {
  const shard = `9${Math.floor(Math.random() * 1e9)}`;
  return { shard, stub: env.OUTBOX.getByName(shard) };
}

function batch(conversationId: string, from: number, to: number) {
  const events = range(from, to).map((seq) => ({
    seq,
    at: seq,
    type: "message",
    senderId: "alice",
    clientMessageId: `k${seq}`,
    message: { type: "TEXT", content: `m${seq}` },
  }));
  return {
    conversation: { conversationId, type: "group" as const },
    eventsText: JSON.stringify(events),
    receiptsText: "[]",
    count: events.length,
    lastSeq: to,
  };
}

async function publishTo(
  stub: DurableObjectStub<Outbox>,
  published: ReturnType<typeof batch>,
  sink = SINK,
) {
  return (await stub.publish(sink, published)).outcome;
}

function waitingIn(stub: DurableObjectStub<Outbox>): Promise<unknown[]> {
  return runInDurableObject(stub, (_object, { storage }) =>
    storage.sql.exec("SELECT sink, conversation_id FROM waiting ORDER BY 1, 2").toArray(),
  );
}

describe("ownership", () => {
  test("[OBX-2] the newest bridge owns the shard: epochs ascend, also over eviction, and the older one is told", async () => {
    const { shard, stub } = freshShard();
    const first = await BridgeSocket.dial(shard);
    expect(await first.next("owned")).toEqual({ type: "owned", shard: Number(shard), epoch: 1 });
    const second = await BridgeSocket.dial(shard);
    expect((await second.next("owned")).epoch).toBe(2);
    expect(await first.closed).toBe(CLOSE_CODES.superseded);
    await evictDurableObject(stub, { webSockets: "close" });
    const third = await BridgeSocket.dial(shard);
    expect((await third.next("owned")).epoch).toBe(3);
  });

  test("[OBX-2] acks and credit of a superseded bridge, under way when it was, are ignored", async () => {
    const { shard, stub } = freshShard();
    const old = await BridgeSocket.dial(shard);
    old.credit(10);
    await old.next("owned");
    const lost = publishTo(stub, batch("team", 1, 2));
    await old.next("batch");
    const oldEnd = await runInDurableObject(stub, (_object, state) => state.getWebSockets()[0]);
    if (oldEnd === undefined) throw new Error("no bridge is there");
    const oldSays = (frame: BridgeFrame) =>
      runInDurableObject(stub, (object) => object.webSocketMessage(oldEnd, JSON.stringify(frame)));
    const owner = await BridgeSocket.dial(shard);
    await owner.next("owned");
    expect(await lost).toEqual({ state: "deferred" });
    await oldSays({ type: "credit", events: 10 });
    expect(await publishTo(stub, batch("team", 1, 2))).toEqual({ state: "deferred" });
    owner.credit(10);
    const carried = publishTo(stub, batch("team", 1, 2));
    await owner.next("batch");
    await oldSays({ type: "ack", conversationId: "team", seq: 2 });
    // had that ack counted, dropping the link now could not defer the batch any more
    await BridgeSocket.dial(shard);
    expect(await carried).toEqual({ state: "deferred" });
  });

  test("a bridge that breaks the protocol is closed, and what it had comes again", async () => {
    const { shard, stub } = freshShard();
    const bridge = await BridgeSocket.dial(shard);
    await bridge.next("owned");
    bridge.credit(5);
    const lost = publishTo(stub, batch("team", 1, 1));
    await bridge.next("batch");
    bridge.socket.send('{"type":"credit","events":-1}');
    expect(await bridge.closed).toBe(CLOSE_CODES.protocol);
    expect(await lost).toEqual({ state: "deferred" });
    expect(await waitingIn(stub)).toEqual([{ sink: SINK, conversation_id: "team" }]);
  });

  test("a bridge that hangs up leaves its batches to the next one", async () => {
    const { shard, stub } = freshShard();
    const bridge = await BridgeSocket.dial(shard);
    bridge.credit(5);
    await bridge.next("owned");
    const lost = publishTo(stub, batch("team", 1, 1));
    await bridge.next("batch");
    bridge.socket.close(1000);
    expect(await lost).toEqual({ state: "deferred" });
    expect(await publishTo(stub, batch("team", 1, 1))).toEqual({ state: "deferred" });
  });
});

describe("credit", () => {
  test("[OBX-4] without a bridge, and with one that gave no credit, a batch is deferred and its conversation dirty", async () => {
    const { shard, stub } = freshShard();
    expect(await publishTo(stub, batch("a", 1, 1))).toEqual({ state: "deferred" });
    const bridge = await BridgeSocket.dial(shard);
    await bridge.next("owned");
    expect(await publishTo(stub, batch("b", 1, 1))).toEqual({ state: "deferred" });
    expect(await publishTo(stub, batch("b", 1, 1))).toEqual({ state: "deferred" });
    expect(await waitingIn(stub)).toEqual([{ sink: SINK, conversation_id: "b" }]);
    expect(bridge.unread).toEqual([]);
  });

  test("[OBX-4] a batch may overdraw the credit once; then nothing leaves until it is positive again", async () => {
    const { shard, stub } = freshShard();
    const bridge = await BridgeSocket.dial(shard);
    await bridge.next("owned");
    bridge.credit(2);
    const overdrawn = publishTo(stub, batch("a", 1, 5));
    expect((await bridge.next("batch")).events).toHaveLength(5);
    expect(await publishTo(stub, batch("b", 1, 1))).toEqual({ state: "deferred" });
    bridge.ack("a", 5);
    expect(await overdrawn).toEqual({ state: "acked", seq: 5 });
    bridge.credit(3);
    expect(await publishTo(stub, batch("b", 1, 1))).toEqual({ state: "deferred" });
    bridge.credit(1);
    const carried = publishTo(stub, batch("b", 1, 1));
    await bridge.next("batch");
    bridge.ack("b", 1);
    expect(await carried).toEqual({ state: "acked", seq: 1 });
  });

  test("[OBX-4] credit survives the sleep of the shard", async () => {
    const { shard, stub } = freshShard();
    const bridge = await BridgeSocket.dial(shard);
    await bridge.next("owned");
    bridge.credit(1);
    // answered by the object itself, so the credit in front of it has been taken
    await runInDurableObject(stub, () => undefined);
    await evictDurableObject(stub, { webSockets: "hibernate" });
    const carried = publishTo(stub, batch("a", 1, 1));
    expect((await bridge.next("batch")).conversation.conversationId).toBe("a");
    bridge.ack("a", 1);
    expect(await carried).toEqual({ state: "acked", seq: 1 });
    expect(await publishTo(stub, batch("a", 2, 2))).toEqual({ state: "deferred" });
  });

  test("[OBX-3] an ack below the batch's last seq acks nothing", async () => {
    const { shard, stub } = freshShard();
    const bridge = await BridgeSocket.dial(shard);
    await bridge.next("owned");
    bridge.credit(10);
    const carried = publishTo(stub, batch("a", 1, 3));
    await bridge.next("batch");
    bridge.ack("a", 2);
    bridge.ack("b", 3);
    bridge.ack("a", 3);
    expect(await carried).toEqual({ state: "acked", seq: 3 });
  });
});

describe("a conversation and its bridge", () => {
  function dialFor({ id }: TestConversation): Promise<BridgeSocket> {
    return BridgeSocket.dial(String(shardOf(id, Number(env.OUTBOX_SHARDS))));
  }

  /** Acks every batch of this conversation until one ends at `last`; others of the shard are passed over. */
  async function carry(bridge: BridgeSocket, { id }: TestConversation, last: number) {
    const seqs: number[] = [];
    while (seqs.at(-1) !== last) {
      const { conversation, events } = await bridge.take();
      if (conversation.conversationId === id) seqs.push(...events.map(({ seq }) => seq));
    }
    return seqs;
  }

  /** A connection that is owned and may be sent more than any test has. */
  async function granted(dialled: Promise<BridgeSocket>): Promise<BridgeSocket> {
    const bridge = await dialled;
    await bridge.next("owned");
    bridge.credit(1_024);
    return bridge;
  }

  /** Acks batches until one has told that the member has read up to `read`. */
  async function carryReceipt(
    bridge: BridgeSocket,
    { id }: TestConversation,
    userId: string,
    read: number,
  ) {
    while (bridge.receiptOf(id, userId)?.read !== read) await bridge.take();
  }

  test("[OBX-5] what was written while the bridge was away is called for when it returns, from the founding on", async () => {
    const conversation = await foundGroup(["alice"]);
    await sendMany(conversation, "alice", 30);
    const bridge = await dialFor(conversation);
    await bridge.next("owned");
    bridge.credit(1_024);
    expect(await carry(bridge, conversation, 30)).toEqual(range(0, 30));
    await sendMany(conversation, "alice", 3, "later");
    expect(await carry(bridge, conversation, 33)).toEqual([31, 32, 33]);
    bridge.socket.close(1000);
  });

  test("[OBX-3] how far the bridge is survives the alarm and an eviction; a new bridge gets only what is missing", async () => {
    const conversation = await foundGroup(["alice"]);
    await sendMany(conversation, "alice", 5);
    const bridge = await dialFor(conversation);
    await bridge.next("owned");
    bridge.credit(1_024);
    await carry(bridge, conversation, 5);
    await carryReceipt(bridge, conversation, "alice", 5);
    bridge.socket.close(1000);
    await bridge.closed;
    await alarmAfterMinutes(conversation);
    expect(await alarmOf(conversation)).toBeNull();
    await evictDurableObject(conversation.stub, { webSockets: "close" });
    await sendMany(conversation, "alice", 2, "later");
    const next = await dialFor(conversation);
    await next.next("owned");
    next.credit(1_024);
    expect(await carry(next, conversation, 7)).toEqual([6, 7]);
    next.socket.close(1000);
  });

  test("[OBX-3] a while after a burst it is stored how far the bridge is, and no alarm is left to wake the conversation", async () => {
    const conversation = await foundGroup(["alice"]);
    const bridge = await granted(dialFor(conversation));
    await sendMany(conversation, "alice", 3);
    await carry(bridge, conversation, 3);
    await carryReceipt(bridge, conversation, "alice", 3);
    await expect.poll(() => alarmOf(conversation), { timeout: 20_000 }).toBeNull();
    await evictDurableObject(conversation.stub, { webSockets: "close" });
    await sendMany(conversation, "alice", 1, "later");
    expect(await carry(bridge, conversation, 4)).toEqual([4]);
    bridge.socket.close(1000);
  });

  test("[OBX-3] a crash before that repeats what was acked, and skips nothing", async () => {
    const conversation = await foundGroup(["alice"]);
    await sendMany(conversation, "alice", 5);
    const bridge = await granted(dialFor(conversation));
    await carry(bridge, conversation, 5);
    const crash = runInDurableObject(conversation.stub, (_object, state) => state.abort("crash"));
    await expect(crash).rejects.toThrow("crash");
    await sendMany(conversationOf(conversation.id), "alice", 1, "later");
    expect(await carry(bridge, conversation, 6)).toEqual(range(0, 6));
    bridge.socket.close(1000);
  });

  test("[OBX-8] a sink that is away stops no other, and gets everything from its own cursor when it returns", async () => {
    const conversation = await foundGroup(["alice"]);
    const shard = shardOf(conversation.id, Number(env.OUTBOX_SHARDS));
    const dial = (sink: string) =>
      granted(BridgeSocket.dial(String(shard), sink, ["kafka", "mongodb"]));
    const mongo = await dial("mongodb");
    await sendMany(conversation, "alice", 20);
    expect(await carry(mongo, conversation, 20)).toEqual(range(0, 20));
    await sendMany(conversation, "alice", 20, "later");
    expect(await carry(mongo, conversation, 40)).toEqual(range(21, 40));
    const kafka = await dial("kafka");
    expect(await carry(kafka, conversation, 40)).toEqual(range(0, 40));
    for (const bridge of [kafka, mongo]) bridge.socket.close(1000);
  });

  test("[OBX-8] a sink that the newest bridge does not name is waited for no more", async () => {
    const conversation = await foundGroup(["alice"]);
    const shard = String(shardOf(conversation.id, Number(env.OUTBOX_SHARDS)));
    const both = await granted(BridgeSocket.dial(shard, "mongodb", ["kafka", "mongodb"]));
    await carry(both, conversation, 0);
    const one = await granted(BridgeSocket.dial(shard, "mongodb"));
    await sendMany(conversation, "alice", 1);
    await carry(one, conversation, 1);
    await carryReceipt(one, conversation, "alice", 1);
    one.socket.close(1000);
    await one.closed;
    await alarmAfterMinutes(conversation);
    expect(await alarmOf(conversation)).toBeNull();
  });

  test("[OBX-8] who waits for a sink that is gone hears at once of the sinks that there are", async () => {
    const conversation = await foundGroup(["alice"]);
    const shard = String(shardOf(conversation.id, Number(env.OUTBOX_SHARDS)));
    const old = await granted(BridgeSocket.dial(shard, "old"));
    await carry(old, conversation, 0);
    old.socket.close(1000);
    await old.closed;
    await sendMany(conversation, "alice", 1);
    const waiting = { sink: "old", conversation_id: conversation.id };
    await expect.poll(() => waitingIn(env.OUTBOX.getByName(shard))).toContainEqual(waiting);
    await callOffAlarm(conversation);
    const next = await granted(BridgeSocket.dial(shard, "new"));
    expect(await carry(next, conversation, 1)).toEqual([0, 1]);
    next.socket.close(1000);
  });

  test("[OBX-9] receipts come as the newest cursors, stored ones alone, and again after a crash until they are acked", async () => {
    const conversation = await foundGroup(["alice", "bob"]);
    const first = await granted(dialFor(conversation));
    await sendMany(conversation, "alice", 3);
    await carry(first, conversation, 3);
    await carryReceipt(first, conversation, "alice", 3);
    const reads = [1, 2, 3].map((read) => conversation.rpc.receive(user("bob"), { read }, "soon"));
    await Promise.all(reads);
    let batch = await first.next("batch");
    while (batch.conversation.conversationId !== conversation.id) batch = await first.next("batch");
    const moved = { userId: "bob", delivered: 3, read: 3 };
    expect([batch.events, batch.upTo, batch.receipts]).toMatchObject([[], 3, [moved]]);
    first.socket.close(1000);
    await first.closed;
    await evictDurableObject(conversation.stub, { webSockets: "close" });
    const next = await granted(dialFor(conversation));
    await carryReceipt(next, conversation, "bob", 3);
    expect(next.receiptOf(conversation.id, "bob")).toEqual(batch.receipts[0]);
    next.socket.close(1000);
  });

  test("[OBX-3] an edit and a deletion come with the version that they ended", async () => {
    const conversation = await foundGroup(["alice"]);
    await sendMany(conversation, "alice", 1);
    const change = (key: string, wanted: OtherChange) =>
      conversation.rpc.change(asMember("alice"), key, wanted);
    await change("e1", { type: "edit", target: 1, content: "second" });
    await change("e2", { type: "edit", target: 1, content: "third" });
    await change("d", { type: "delete", target: 1 });
    const bridge = await granted(dialFor(conversation));
    let batch = await bridge.take();
    while (batch.conversation.conversationId !== conversation.id) batch = await bridge.take();
    expect(batch.events).toMatchObject([
      { type: "founded" },
      { type: "message", version: 3, message: { content: "" } },
      { type: "edited", version: 2, content: "", replaced: { version: 1, content: "m1" } },
      { type: "edited", version: 3, content: "", replaced: { version: 2, content: "second" } },
      { type: "deleted", target: 1, replaced: { version: 3, content: "third" } },
    ]);
    bridge.socket.close(1000);
  });

  test("live chat never waits for the bridge: sends are acked while a batch hangs", async () => {
    const conversation = await foundGroup(["alice"]);
    const bridge = await granted(dialFor(conversation));
    await bridge.next("batch");
    await sendMany(conversation, "alice", 50);
    expect((await viewOf(conversation, "alice")).head).toBe(50);
    bridge.socket.close(1000);
  });

  /** The alarm, when what is due every minute is due. */
  async function alarmAfterMinutes({ stub }: TestConversation): Promise<void> {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 120_000 });
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    vi.useRealTimers();
  }

  /** From here on nothing but what happens itself brings the conversation to the bridge. */
  async function callOffAlarm({ stub }: TestConversation): Promise<void> {
    await runInDurableObject(stub, (_object, { storage }) => storage.deleteAlarm());
  }

  function alarmOf({ stub }: TestConversation): Promise<number | null> {
    return runInDurableObject(stub, (_object, { storage }) => storage.getAlarm());
  }
});
