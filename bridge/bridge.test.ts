import { expect, onTestFinished, test, vi } from "vitest";
import type { ArchiveBatch } from "../core/archive-writes.ts";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { FakeShard } from "../tests/support/fake-shard.ts";
import { quietLog } from "../tests/support/quiet-log.ts";
import { Bridge } from "./bridge.ts";
import type { Sink } from "./sink.ts";
import { SteadySink } from "./steady-sink.ts";

const bounds = { linkEvents: 100, groupEvents: 50, groupBytes: 1_000_000 };

/** A sink whose writes end when the test says so. */
class HeldSink implements Sink {
  readonly name: string;
  readonly groups: string[][] = [];
  #finish: () => void = () => {};
  stopped = false;

  constructor(name: string) {
    this.name = name;
  }

  async start(): Promise<void> {}

  write(batches: readonly ArchiveBatch[]): Promise<{ deadLetters: number }> {
    this.groups.push(batches.map(nameOf));
    return new Promise((resolve) => {
      this.#finish = () => resolve({ deadLetters: 0 });
    });
  }

  finish(): void {
    this.#finish();
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }
}

function nameOf({ conversation, events }: ArchiveBatch): string {
  return `${conversation.conversationId}:${events[0]?.seq}-${events.at(-1)?.seq}`;
}

async function running(shardCount = 1) {
  const kafka = new HeldSink("kafka");
  const mongo = new HeldSink("mongodb");
  const shards = Array.from({ length: shardCount }, (_, index) => new FakeShard(index));
  const bridge = new Bridge({
    edge: { shardCount: async () => shardCount, dial: (index) => shardAt(index).dial() },
    sinks: [kafka, mongo].map((sink) => new SteadySink(sink, quietLog, () => 0)),
    bounds,
    log: quietLog,
    random: () => 0,
  });
  const shardAt = (index: number): FakeShard => {
    const shard = shards[index];
    if (shard === undefined) throw new Error(`there is no shard ${index}`);
    return shard;
  };
  bridge.start();
  onTestFinished(() => bridge.stop(0));
  await vi.waitUntil(() => bridge.health().shards.total === shardCount);
  for (const shard of shards) shard.owns();
  for (const shard of shards) expect(shard.heard()).toEqual([{ type: "credit", events: 100 }]);
  return { bridge, kafka, mongo, shard: shardAt(0), shards };
}

/** Lets everything that is ready to run, run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("[OBX-3] an ack goes out only when the last sink has the events", async () => {
  const { kafka, mongo, shard } = await running();
  shard.sends("a", 0, 2);
  await settle();
  expect([kafka.groups, mongo.groups]).toEqual([[["a:0-2"]], [["a:0-2"]]]);
  kafka.finish();
  await settle();
  expect(shard.heard()).toEqual([]);
  mongo.finish();
  await settle();
  expect(shard.heard()).toEqual([
    { type: "ack", conversationId: "a", seq: 2 },
    { type: "credit", events: 3 },
  ]);
});

test("what arrives while a group is written becomes the next group", async () => {
  const { kafka, mongo, shard } = await running();
  shard.sends("a", 0, 0);
  await settle();
  for (const id of ["b", "c", "d"]) shard.sends(id, 0, 1);
  await settle();
  expect(kafka.groups).toEqual([["a:0-0"]]);
  kafka.finish();
  mongo.finish();
  await settle();
  expect(kafka.groups).toEqual([["a:0-0"], ["b:0-1", "c:0-1", "d:0-1"]]);
});

test("a shard is told of its own conversations only", async () => {
  const { kafka, mongo, shards } = await running(2);
  shards.forEach((shard, index) => shard.sends(`of-${index}`, 0, index));
  await settle();
  kafka.finish();
  mongo.finish();
  await settle();
  kafka.finish();
  mongo.finish();
  await settle();
  expect(shards.map((shard) => shard.heard())).toEqual([
    [
      { type: "ack", conversationId: "of-0", seq: 0 },
      { type: "credit", events: 1 },
    ],
    [
      { type: "ack", conversationId: "of-1", seq: 1 },
      { type: "credit", events: 2 },
    ],
  ]);
});

test("[OBX-6] nothing of a lost connection is acked on the next one, and its waiting batches are let go", async () => {
  const { bridge, kafka, mongo, shard } = await running();
  shard.sends("a", 0, 4);
  await settle();
  shard.sends("b", 0, 4);
  shard.socket.closed(1006);
  expect(bridge.health()).toMatchObject({ shards: { connected: 0 }, events: { inHand: 5 } });
  await vi.waitUntil(
    () => shard.socket.sent.length === 0 && bridge.health().shards.connected === 0,
  );
  await settle();
  shard.owns();
  expect(shard.heard()).toEqual([{ type: "credit", events: 100 }]);
  kafka.finish();
  mongo.finish();
  await settle();
  expect(shard.heard()).toEqual([]);
  expect(kafka.groups).toEqual([["a:0-4"]]);
});

test("[OBX-7] a batch that cannot be read stays unacked, and its credit comes back for the others", async () => {
  const { bridge, shard } = await running();
  const conversation = { conversationId: "a", type: "group" };
  const events = [
    { seq: 1, type: "novel" },
    { seq: 2, type: "novel" },
  ];
  shard.socket.text(JSON.stringify({ type: "batch", conversation, events }));
  expect(shard.heard()).toEqual([{ type: "credit", events: 2 }]);
  expect(bridge.health().events).toEqual({ done: 0, inHand: 0, unreadable: 2 });
});

test("[OBX-4] a shard that sends without credit is cut", async () => {
  const { bridge, shard } = await running();
  shard.sends("a", 0, 99);
  shard.sends("b", 0, 0);
  expect(shard.socket.closedWith).toBe(CLOSE_CODES.protocol);
  expect(bridge.health().events.inHand).toBe(0);
});

test("stop lets the group in hand end, acks it, and closes everything", async () => {
  const { bridge, kafka, mongo, shard } = await running();
  shard.sends("a", 0, 0);
  await settle();
  const stopped = bridge.stop(10_000);
  kafka.finish();
  mongo.finish();
  await stopped;
  expect(shard.heard()).toContainEqual({ type: "ack", conversationId: "a", seq: 0 });
  expect([shard.socket.closedWith, kafka.stopped, mongo.stopped]).toEqual([1000, true, true]);
});

test("stop gives up on a group that does not end, and acks nothing of it", async () => {
  const { bridge, shard } = await running();
  shard.sends("a", 0, 0);
  await settle();
  await bridge.stop(0);
  expect(shard.heard()).toEqual([]);
});

test("no shard is dialled before every sink works", async () => {
  const down = new HeldSink("kafka");
  down.start = () => new Promise(() => {});
  let asked = 0;
  const bridge = new Bridge({
    edge: { shardCount: async () => ++asked, dial: () => new FakeShard(0).dial() },
    sinks: [new SteadySink(down, quietLog, () => 0)],
    bounds,
    log: quietLog,
    random: () => 0,
  });
  bridge.start();
  await settle();
  expect(asked).toBe(0);
  expect(bridge.health().sinks["kafka"]?.status).toBe("starting");
  await bridge.stop(0);
});
