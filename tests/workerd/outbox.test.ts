import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { shardOf } from "../../core/outbox.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import type { BridgeFrame } from "../../protocol/outbox-frames.ts";
import { BridgeSocket } from "./support/bridge-socket.ts";
import type { Outbox } from "./worker.ts";
import {
  sendMany,
  foundGroup,
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
    count: events.length,
    lastSeq: to,
  };
}

function dirtyIn(stub: DurableObjectStub<Outbox>): Promise<unknown[]> {
  return runInDurableObject(stub, (_object, { storage }) =>
    storage.sql.exec("SELECT conversation_id FROM dirty ORDER BY 1").toArray(),
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
    const lost = stub.publish(batch("team", 1, 2));
    await old.next("batch");
    const oldEnd = await runInDurableObject(stub, (_object, state) => state.getWebSockets()[0]);
    if (oldEnd === undefined) throw new Error("no bridge is there");
    const oldSays = (frame: BridgeFrame) =>
      runInDurableObject(stub, (object) => object.webSocketMessage(oldEnd, JSON.stringify(frame)));
    const owner = await BridgeSocket.dial(shard);
    await owner.next("owned");
    expect(await lost).toEqual({ state: "deferred" });
    await oldSays({ type: "credit", events: 10 });
    expect(await stub.publish(batch("team", 1, 2))).toEqual({ state: "deferred" });
    owner.credit(10);
    const carried = stub.publish(batch("team", 1, 2));
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
    const lost = stub.publish(batch("team", 1, 1));
    await bridge.next("batch");
    bridge.socket.send('{"type":"credit","events":-1}');
    expect(await bridge.closed).toBe(CLOSE_CODES.protocol);
    expect(await lost).toEqual({ state: "deferred" });
    expect(await dirtyIn(stub)).toEqual([{ conversation_id: "team" }]);
  });

  test("a bridge that hangs up leaves its batches to the next one", async () => {
    const { shard, stub } = freshShard();
    const bridge = await BridgeSocket.dial(shard);
    bridge.credit(5);
    await bridge.next("owned");
    const lost = stub.publish(batch("team", 1, 1));
    await bridge.next("batch");
    bridge.socket.close(1000);
    expect(await lost).toEqual({ state: "deferred" });
    expect(await stub.publish(batch("team", 1, 1))).toEqual({ state: "deferred" });
  });
});

describe("credit", () => {
  test("[OBX-4] without a bridge, and with one that gave no credit, a batch is deferred and its conversation dirty", async () => {
    const { shard, stub } = freshShard();
    expect(await stub.publish(batch("a", 1, 1))).toEqual({ state: "deferred" });
    const bridge = await BridgeSocket.dial(shard);
    await bridge.next("owned");
    expect(await stub.publish(batch("b", 1, 1))).toEqual({ state: "deferred" });
    expect(await stub.publish(batch("b", 1, 1))).toEqual({ state: "deferred" });
    expect(await dirtyIn(stub)).toEqual([{ conversation_id: "a" }, { conversation_id: "b" }]);
    expect(bridge.unread).toEqual([]);
  });

  test("[OBX-4] a batch may overdraw the credit once; then nothing leaves until it is positive again", async () => {
    const { shard, stub } = freshShard();
    const bridge = await BridgeSocket.dial(shard);
    await bridge.next("owned");
    bridge.credit(2);
    const overdrawn = stub.publish(batch("a", 1, 5));
    expect((await bridge.next("batch")).events).toHaveLength(5);
    expect(await stub.publish(batch("b", 1, 1))).toEqual({ state: "deferred" });
    bridge.ack("a", 5);
    expect(await overdrawn).toEqual({ state: "acked", seq: 5 });
    bridge.credit(3);
    expect(await stub.publish(batch("b", 1, 1))).toEqual({ state: "deferred" });
    bridge.credit(1);
    const carried = stub.publish(batch("b", 1, 1));
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
    const carried = stub.publish(batch("a", 1, 1));
    expect((await bridge.next("batch")).conversation.conversationId).toBe("a");
    bridge.ack("a", 1);
    expect(await carried).toEqual({ state: "acked", seq: 1 });
    expect(await stub.publish(batch("a", 2, 2))).toEqual({ state: "deferred" });
  });

  test("[OBX-3] an ack below the batch's last seq acks nothing", async () => {
    const { shard, stub } = freshShard();
    const bridge = await BridgeSocket.dial(shard);
    await bridge.next("owned");
    bridge.credit(10);
    const carried = stub.publish(batch("a", 1, 3));
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
      const { conversation, events } = await bridge.next("batch");
      const end = events.at(-1)?.seq ?? 0;
      bridge.ack(conversation.conversationId, end);
      bridge.credit(events.length);
      if (conversation.conversationId === id) seqs.push(...events.map(({ seq }) => seq));
    }
    return seqs;
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

  test("[OBX-3] without the alarm an eviction repeats what was acked, and skips nothing", async () => {
    const conversation = await foundGroup(["alice"]);
    await sendMany(conversation, "alice", 5);
    const bridge = await dialFor(conversation);
    await bridge.next("owned");
    bridge.credit(1_024);
    await carry(bridge, conversation, 5);
    await evictDurableObject(conversation.stub, { webSockets: "close" });
    await sendMany(conversation, "alice", 1, "later");
    expect(await carry(bridge, conversation, 6)).toEqual(range(0, 6));
    bridge.socket.close(1000);
  });

  test("live chat never waits for the bridge: sends are acked while a batch hangs", async () => {
    const conversation = await foundGroup(["alice"]);
    const bridge = await dialFor(conversation);
    await bridge.next("owned");
    bridge.credit(1_024);
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

  function alarmOf({ stub }: TestConversation): Promise<number | null> {
    return runInDurableObject(stub, (_object, { storage }) => storage.getAlarm());
  }
});
