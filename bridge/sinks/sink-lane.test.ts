import { expect, onTestFinished, test, vi } from "vitest";
import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { FakeShard } from "../../tests/support/fake-shard.ts";
import { quietLog } from "../../tests/support/quiet-log.ts";
import { SinkLane } from "./sink-lane.ts";
import type { Sink } from "./sink.ts";
import { SteadySink } from "./steady-sink.ts";

/** Of the fixtures in archive-events.ts. */
const FOUNDED_AT = 1_750_000_000_000;
const bounds = { linkEvents: 100, groupEvents: 50, groupBytes: 1_000_000 };

/** A sink whose writes end when the test says so. */
class HeldSink implements Sink {
  readonly name = "kafka";
  readonly parallel: number;
  readonly groups: string[][] = [];
  readonly #finishers: (() => void)[] = [];
  stopped = false;

  constructor(parallel: number) {
    this.parallel = parallel;
  }

  async start(): Promise<void> {}

  write(batches: readonly ArchiveBatch[]): Promise<{ deadLetters: number }> {
    this.groups.push(batches.map(nameOf));
    return new Promise((resolve) => {
      this.#finishers.push(() => resolve({ deadLetters: 0 }));
    });
  }

  /** Ends the oldest write that has not ended. */
  finish(): void {
    this.#finishers.shift()?.();
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }
}

function nameOf({ conversation, events }: ArchiveBatch): string {
  return `${conversation.conversationId}:${events[0]?.seq}-${events.at(-1)?.seq}`;
}

async function running({ shardCount = 1, parallel = 1 } = {}) {
  const sink = new HeldSink(parallel);
  const shards = Array.from({ length: shardCount }, (_, index) => new FakeShard(index));
  const shardAt = (index: number): FakeShard => {
    const shard = shards[index];
    if (shard === undefined) throw new Error(`there is no shard ${index}`);
    return shard;
  };
  const lane = new SinkLane({
    sink: new SteadySink(sink, quietLog, () => 0),
    dial: (index) => shardAt(index).dial(),
    bounds,
    log: quietLog,
    random: () => 0,
    now: () => FOUNDED_AT + 5_000,
  });
  const ended = lane.run(Promise.resolve(shardCount));
  onTestFinished(async () => {
    lane.finish();
    await lane.close();
  });
  await vi.waitUntil(() => lane.health().shards.total === shardCount);
  for (const shard of shards) shard.owns();
  for (const shard of shards) expect(shard.heard()).toEqual([{ type: "credit", events: 100 }]);
  return { lane, ended, sink, shard: shardAt(0), shards };
}

/** Lets everything that is ready to run, run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("[OBX-3] an ack goes out only when the sink has the events", async () => {
  const { sink, shard } = await running();
  shard.sends("a", 0, 2);
  await settle();
  expect([sink.groups, shard.heard()]).toEqual([[["a:0-2"]], []]);
  sink.finish();
  await settle();
  expect(shard.heard()).toEqual([
    { type: "ack", conversationId: "a", seq: 2 },
    { type: "credit", events: 3 },
  ]);
});

test("what arrives while a group is written becomes the next group", async () => {
  const { sink, shard } = await running();
  shard.sends("a", 0, 0);
  await settle();
  for (const id of ["b", "c", "d"]) shard.sends(id, 0, 1);
  await settle();
  expect(sink.groups).toEqual([["a:0-0"]]);
  sink.finish();
  await settle();
  expect(sink.groups).toEqual([["a:0-0"], ["b:0-1", "c:0-1", "d:0-1"]]);
});

test("a sink that takes two groups at once gets two, and acks go out in the order in which they end", async () => {
  const { sink, shard } = await running({ parallel: 2 });
  shard.sends("a", 0, 0);
  await settle();
  shard.sends("b", 0, 0);
  await settle();
  expect(sink.groups).toEqual([["a:0-0"], ["b:0-0"]]);
  sink.finish();
  await settle();
  expect(shard.heard()).toContainEqual({ type: "ack", conversationId: "a", seq: 0 });
});

test("a shard is told of its own conversations only", async () => {
  const { sink, shards } = await running({ shardCount: 2 });
  shards.forEach((shard, index) => shard.sends(`of-${index}`, 0, index));
  await settle();
  sink.finish();
  await settle();
  sink.finish();
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
  const { lane, sink, shard } = await running();
  shard.sends("a", 0, 4);
  await settle();
  shard.sends("b", 0, 4);
  shard.socket.closed(1006);
  expect(lane.health()).toMatchObject({ shards: { connected: 0 }, events: { inHand: 5 } });
  await vi.waitUntil(() => shard.socket.sent.length === 0 && lane.health().shards.connected === 0);
  await settle();
  shard.owns();
  expect(shard.heard()).toEqual([{ type: "credit", events: 100 }]);
  sink.finish();
  await settle();
  expect(shard.heard()).toEqual([]);
  expect(sink.groups).toEqual([["a:0-4"]]);
});

test("[OBX-7] a batch that cannot be read stays unacked, and its credit comes back for the others", async () => {
  const { lane, shard } = await running();
  const conversation = { conversationId: "a", type: "group" };
  const events = [
    { seq: 1, type: "novel" },
    { seq: 2, type: "novel" },
  ];
  shard.socket.text(JSON.stringify({ type: "batch", conversation, events, upTo: 2 }));
  expect(shard.heard()).toEqual([{ type: "credit", events: 2 }]);
  expect(lane.health().events).toEqual({ done: 0, inHand: 0, unreadable: 2 });
});

test("[OBX-4] a shard that sends without credit is cut", async () => {
  const { lane, shard } = await running();
  shard.sends("a", 0, 99);
  shard.sends("b", 0, 0);
  expect(shard.socket.closedWith).toBe(CLOSE_CODES.protocol);
  expect(lane.health().events.inHand).toBe(0);
});

test("the lag is the age of the oldest event in hand, and latency is counted once the sink has it", async () => {
  const { lane, sink, shard } = await running();
  shard.sends("a", 0, 1);
  await settle();
  expect(lane.health().lagMs).toBe(5_000);
  sink.finish();
  await settle();
  const { lagMs, latency } = lane.health();
  expect([lagMs, latency.count, latency.sumMs]).toEqual([0, 2, 9_999]);
});

test("finishing lets the groups in hand end, acks them, and takes no more", async () => {
  const { lane, ended, sink, shard } = await running();
  shard.sends("a", 0, 0);
  await settle();
  lane.finish();
  shard.sends("b", 0, 0);
  sink.finish();
  await ended;
  expect(shard.heard()).toEqual([
    { type: "ack", conversationId: "a", seq: 0 },
    { type: "credit", events: 1 },
  ]);
  await lane.close();
  expect([shard.socket.closedWith, sink.stopped]).toEqual([1000, true]);
});
