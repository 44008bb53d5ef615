import { expect, onTestFinished, test, vi } from "vitest";
import type { ArchiveBatch } from "../core/bridging/archive-writes.ts";
import { FakeShard } from "../tests/support/fake-shard.ts";
import { quietLog } from "../tests/support/quiet-log.ts";
import { Bridge } from "./bridge.ts";
import type { Sink } from "./sinks/sink.ts";
import { SteadySink } from "./sinks/steady-sink.ts";

const bounds = { linkEvents: 100, groupEvents: 50, groupBytes: 1_000_000 };

/** A sink that is up or down as the test says; what it is given while it is down, it takes when it is up again. */
class SwitchedSink implements Sink {
  readonly name: string;
  readonly parallel = 1;
  readonly written: string[] = [];
  #up = Promise.withResolvers<void>();
  stopped = false;

  constructor(name: string, isUp: boolean) {
    this.name = name;
    if (isUp) this.#up.resolve();
  }

  turnOn(): void {
    this.#up.resolve();
  }

  turnOff(): void {
    this.#up = Promise.withResolvers();
  }

  async start(): Promise<void> {
    await this.#up.promise;
  }

  async write(batches: readonly ArchiveBatch[]): Promise<{ deadLetters: number }> {
    await this.#up.promise;
    this.written.push(...batches.map(({ conversation }) => conversation.conversationId));
    return { deadLetters: 0 };
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }
}

function running(kafkaIsUp = true) {
  const kafka = new SwitchedSink("kafka", kafkaIsUp);
  const mongo = new SwitchedSink("mongodb", true);
  const shards = new Map(["kafka", "mongodb"].map((sink) => [sink, new FakeShard(0)]));
  const dialled: { sink: string; sinks: readonly string[] }[] = [];
  const shardOf = (sink: string): FakeShard => {
    const shard = shards.get(sink);
    if (shard === undefined) throw new Error(`nobody has a sink ${sink}`);
    return shard;
  };
  const bridge = new Bridge({
    edge: {
      shardCount: async () => 1,
      dial: (_shard, sink, sinks) => {
        dialled.push({ sink, sinks });
        return shardOf(sink).dial();
      },
    },
    sinks: [kafka, mongo].map((sink) => new SteadySink(sink, quietLog, () => 0)),
    bounds,
    log: quietLog,
    random: () => 0,
    now: () => 0,
  });
  bridge.start();
  onTestFinished(() => bridge.stop(0));
  return { bridge, kafka, mongo, dialled, shardOf };
}

/** Lets everything that is ready to run, run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("[OBX-8] each sink dials for itself, once it works, and names all sinks of the bridge", async () => {
  const { bridge, kafka, dialled } = running(false);
  await vi.waitUntil(() => dialled.length === 1);
  expect(dialled).toEqual([{ sink: "mongodb", sinks: ["kafka", "mongodb"] }]);
  expect(bridge.health().sinks).toMatchObject({
    kafka: { status: "starting" },
    mongodb: { status: "healthy" },
  });
  kafka.turnOn();
  await vi.waitUntil(() => dialled.length === 2);
  expect(dialled[1]?.sink).toBe("kafka");
});

test("[OBX-8] a sink that is down keeps its own acks back and nobody else's", async () => {
  const { bridge, kafka, mongo, dialled, shardOf } = running();
  await vi.waitUntil(() => dialled.length === 2);
  for (const sink of ["kafka", "mongodb"]) shardOf(sink).owns();
  kafka.turnOff();
  for (const sink of ["kafka", "mongodb"]) shardOf(sink).sends("a", 0, 2);
  await settle();
  shardOf("mongodb").sends("a", 3, 3);
  await settle();
  expect([kafka.written, mongo.written]).toEqual([[], ["a", "a"]]);
  expect(shardOf("mongodb").heard()).toContainEqual({ type: "ack", conversationId: "a", seq: 3 });
  expect(shardOf("kafka").heard()).toEqual([{ type: "credit", events: 100 }]);
  expect(bridge.health().events).toEqual({ done: 0, inHand: 3, unreadable: 0 });
  kafka.turnOn();
  await settle();
  expect(shardOf("kafka").heard()).toContainEqual({ type: "ack", conversationId: "a", seq: 2 });
});

test("stop gives up on a group that does not end, acks nothing of it, and closes everything", async () => {
  const { bridge, kafka, mongo, dialled, shardOf } = running();
  await vi.waitUntil(() => dialled.length === 2);
  shardOf("kafka").owns();
  kafka.turnOff();
  shardOf("kafka").sends("a", 0, 0);
  await settle();
  await bridge.stop(0);
  expect(shardOf("kafka").heard()).toEqual([{ type: "credit", events: 100 }]);
  expect([shardOf("mongodb").socket.closedWith, kafka.stopped, mongo.stopped]).toEqual([
    1000,
    true,
    true,
  ]);
});
