import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import { MongoClient } from "mongodb";
import { Bridge } from "../bridge/bridge.ts";
import { Edge } from "../bridge/edge/edge.ts";
import { KafkaSink } from "../bridge/kafka/kafka-sink.ts";
import { isoTime, kafkaRecords } from "../bridge/kafka/kafka-record.ts";
import { byTopic, requestsOf } from "../bridge/kafka/kafka-requests.ts";
import { MongoSink } from "../bridge/mongo/mongo-sink.ts";
import { insertOnce, type Archived } from "../bridge/mongo/mongo-upserts.ts";
import type { Sink } from "../bridge/sinks/sink.ts";
import { SteadySink } from "../bridge/sinks/steady-sink.ts";
import { DEFAULT_TOPICS, type Topics } from "../bridge/kafka/topics.ts";
import { archivedMessage } from "../core/bridging/archive-document.ts";
import type { ArchiveBatch } from "../core/bridging/archive-writes.ts";
import { startServices } from "../tests/services/servers/index.ts";
import { ParleyWorkerd } from "../tests/support/parley-workerd.ts";
import { Participant } from "../tests/support/participant.ts";
import { quietLog } from "../tests/support/quiet-log.ts";
import type { Arena } from "./arena.ts";
import { BacklogShard, makeBacklog } from "./backlog.ts";
import { measure, measurementOf, percentile, type Measurement } from "./measure.ts";

const EVENTS = 40_000;
/** As the bridge groups them by default. */
const GROUP_EVENTS = 2_000;
const BOUNDS = { linkEvents: 8_192, groupEvents: GROUP_EVENTS, groupBytes: 4 * 1_048_576 };

const WRITERS = 20;
const PER_SECOND = 500;
const SECONDS = 6;

/**
 * Events per second into each sink against its bare client with the same batches, and the time from commit to Kafka.
 * Nothing, with the reason said, where the servers cannot run.
 */
export async function benchBridge(_arena: Arena, runs: number): Promise<Measurement[]> {
  const services = await startServices({ only: ["kafka", "mongo"] });
  const { kafka, mongo: mongoServer } = services;
  try {
    if (kafka.state !== "running" || mongoServer.state !== "running") {
      const absent = [kafka, mongoServer].filter((service) => service.state === "absent");
      console.log(`bridge is left out: ${absent.map(({ reason }) => reason).join("; ")}`);
      return [];
    }
    const brokers = [kafka.address];
    const mongo = `mongodb://${mongoServer.address}`;
    const target = { raw: { atLeast: 0.6 } };
    return [
      await measure(
        "bridge into Kafka; raw: bare kafkajs, idempotent",
        "events/s",
        target,
        {
          raw: () => bareKafka(brokers),
          parley: () => throughBridge(kafkaSink(brokers, freshTopics())),
        },
        runs,
      ),
      await measure(
        "bridge into MongoDB; raw: bare bulkWrite of the same upserts",
        "events/s",
        target,
        {
          raw: () => bareMongo(mongo),
          parley: () =>
            throughBridge(new MongoSink({ uri: mongo, database: `b${randomUUID()}` }, quietLog)),
        },
        runs,
      ),
      ...(await commitToKafka(brokers, runs)),
    ];
  } finally {
    await services.stop();
  }
}

function freshTopics(): Topics {
  const run = randomUUID();
  return { ...DEFAULT_TOPICS, messages: `messages.${run}`, events: `events.${run}` };
}

function kafkaSink(brokers: string[], topics: Topics): KafkaSink {
  return new KafkaSink({ brokers, clientId: "bench", topics }, quietLog);
}

async function throughBridge(sink: Sink): Promise<number> {
  const shard = new BacklogShard(makeBacklog(EVENTS));
  const bridge = new Bridge({
    edge: {
      shardCount: async () => 1,
      dial: () => {
        setImmediate(() => shard.own());
        return shard;
      },
    },
    sinks: [new SteadySink(sink, quietLog, Math.random)],
    bounds: BOUNDS,
    log: quietLog,
    random: Math.random,
    now: Date.now,
  });
  bridge.start();
  // connecting and making topics is no part of it
  while (bridge.health().shards.total === 0) await pause(1);
  const startedAt = performance.now();
  await shard.done;
  const rate = (EVENTS * 1_000) / (performance.now() - startedAt);
  await bridge.stop(1_000);
  return rate;
}

/** The backlog in the groups in which the bridge would write it. */
function groups(): ArchiveBatch[][] {
  const batches = makeBacklog(EVENTS).flat();
  const size = GROUP_EVENTS / (batches[0]?.events.length ?? 1);
  const count = Math.ceil(batches.length / size);
  return Array.from({ length: count }, (_, n) => batches.slice(n * size, (n + 1) * size));
}

async function bareKafka(brokers: string[]): Promise<number> {
  const topics = freshTopics();
  const sink = kafkaSink(brokers, topics);
  await sink.start(); // makes the topics
  await sink.stop();
  const kafka = new Kafka({ brokers, clientId: "bare", logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const requests = groups().flatMap((batches) =>
    requestsOf(kafkaRecords(topics, batches)).map(byTopic),
  );
  const startedAt = performance.now();
  for (const topicMessages of requests) await producer.sendBatch({ acks: -1, topicMessages });
  const rate = (EVENTS * 1_000) / (performance.now() - startedAt);
  await producer.disconnect();
  return rate;
}

async function bareMongo(uri: string): Promise<number> {
  const client = await new MongoClient(uri, { writeConcern: { w: "majority" } }).connect();
  const messages = client.db(`b${randomUUID()}`).collection<Archived>("messages");
  await messages.createIndex({ conversationId: 1, seq: 1 });
  await messages.createIndex({ senderId: 1, createdAt: 1 });
  const toDate = (at: number) => new Date(at);
  const requests = groups().map((batches) =>
    batches.flatMap(({ conversation, events }) =>
      events
        .filter((event) => event.type === "message")
        .map((event) => insertOnce(archivedMessage(conversation.conversationId, event, toDate))),
    ),
  );
  const startedAt = performance.now();
  for (const writes of requests) await messages.bulkWrite(writes, { ordered: false });
  const rate = (EVENTS * 1_000) / (performance.now() - startedAt);
  await client.close();
  return rate;
}

/** Notes when events are written, and how old they are then. */
class TimedSink implements Sink {
  readonly name = "kafka";
  readonly parallel = 1;
  readonly agesMs: number[] = [];
  readonly #sink: Sink;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  start(): Promise<void> {
    return this.#sink.start();
  }

  async write(batches: readonly ArchiveBatch[]): Promise<{ deadLetters: number }> {
    const written = await this.#sink.write(batches);
    const now = Date.now();
    for (const { events } of batches) {
      for (const event of events) if (event.type === "message") this.agesMs.push(now - event.at);
    }
    return written;
  }

  stop(): Promise<void> {
    return this.#sink.stop();
  }
}

/** On the real edge: from the commit in the conversation until all replicas have the record. */
async function commitToKafka(brokers: string[], runs: number): Promise<Measurement[]> {
  const p50: number[] = [];
  const p99: number[] = [];
  for (let run = 0; run < runs; run++) {
    const ages = await agesAtRate(brokers);
    p50.push(percentile(ages, 0.5));
    p99.push(percentile(ages, 0.99));
  }
  const name = (share: string) => `commit → in Kafka at ${PER_SECOND} events/s, ${share}`;
  return [
    measurementOf(name("p50"), "ms", {}, { parley: p50 }),
    measurementOf(name("p99"), "ms", { value: { atMost: 250 } }, { parley: p99 }),
  ];
}

async function agesAtRate(brokers: string[]): Promise<number[]> {
  const parley = await ParleyWorkerd.start();
  const sink = new TimedSink(kafkaSink(brokers, freshTopics()));
  const bridge = new Bridge({
    edge: new Edge(new URL(parley.url), parley.bridgeSecret),
    sinks: [new SteadySink(sink, quietLog, Math.random)],
    bounds: { ...BOUNDS, linkEvents: 1_024 },
    log: quietLog,
    random: Math.random,
    now: Date.now,
  });
  bridge.start();
  const numbers = Array.from({ length: WRITERS }, (_, n) => n);
  const ids = await Promise.all(numbers.map((n) => parley.group([`writer-${n}`])));
  const writers = ids.map((id, n) => new Participant(parley, id, `writer-${n}`));
  try {
    // the first ones open sockets and meet cold code
    await Promise.all(writers.map((writer) => writer.send("warm", "warm")));
    while (sink.agesMs.length < WRITERS) await pause(5);
    sink.agesMs.length = 0;
    const sends: Promise<void>[] = [];
    const startedAt = performance.now();
    const total = PER_SECOND * SECONDS;
    while (sends.length < total) {
      const due = Math.min(total, ((performance.now() - startedAt) * PER_SECOND) / 1_000);
      while (sends.length < due) {
        const writer = writers[sends.length % WRITERS];
        if (writer === undefined) throw new Error("there are writers");
        sends.push(writer.send(isoTime(Date.now()), `k${sends.length}`));
      }
      await pause(2);
    }
    await Promise.all(sends);
    while (sink.agesMs.length < total) await pause(5);
    return sink.agesMs;
  } finally {
    for (const writer of writers) writer.close();
    await bridge.stop(1_000);
    await parley.stop();
  }
}
