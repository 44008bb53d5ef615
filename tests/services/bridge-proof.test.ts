import { randomUUID } from "node:crypto";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withSignsOfLife } from "../../scripts/signs-of-life.ts";
import { eventually } from "../support/eventually.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { bridgeCommand, differencesOf } from "./bridge-command.ts";
import { expectInOrder } from "./kafka-order.ts";
import { TopicReader } from "./kafka-reader.ts";
import { KillableBridge } from "./killable-bridge.ts";
import { LivelyWriter } from "./lively-writer.ts";
import { CACHE } from "./servers/cache.ts";
import { startServices, type Services } from "./servers/index.ts";
import { running, type RunningService } from "./servers/service.ts";

interface Size {
  conversations: number;
  /** Of each conversation, behind the founding. */
  events: number;
  kills: number;
  /** Of Kafka, and as many of MongoDB. */
  restarts: number;
  /** A bridge carries less than this before it dies. */
  carried: number;
  timeoutMs: number;
}

const SIZES = {
  small: {
    conversations: 20,
    events: 100,
    kills: 10,
    restarts: 1,
    carried: 400,
    timeoutMs: 600_000,
  },
  full: {
    conversations: 200,
    events: 500,
    kills: 200,
    restarts: 5,
    carried: 1_000,
    timeoutMs: 3_600_000,
  },
} satisfies Record<string, Size>;
const size: Size = process.env["BRIDGE_PROOF"] === "full" ? SIZES.full : SIZES.small;

/** FC_SEED=n kills at the same points again. */
const SEED = Number(process.env["FC_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** A bridge that has little to carry, or cannot, dies after this; ms. */
const LONGEST_LIFE_MS = 3_000;
/** Of so many, some come between a write and its ack. */
const MANY_KILLS = 100;
/** For the last bridge, which works off what is left; s. */
const ARCHIVED_WITHIN_S = 600;

/** When a bridge dies: on its way up, or once it has carried some events. */
const death = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({ ms: fc.nat({ max: 1_000 }), events: fc.constant(Infinity) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      ms: fc.constant(LONGEST_LIFE_MS),
      events: fc.integer({ min: 1, max: size.carried }),
    }),
  },
);

let services: Services;
let kafka: RunningService;
let mongo: RunningService;
let parley: ParleyWorkerd;
let env: Record<string, string>;
const topic = `messages.${randomUUID()}`;
const logFile = path.join(CACHE, "logs/proof-bridge.log");

/** Servers of its own, since it kills them. */
beforeAll(async () => {
  console.log(`bridge-proof: FC_SEED=${SEED}`, size);
  services = await startServices({ only: ["kafka", "mongo"] });
  kafka = running(services.kafka);
  mongo = running(services.mongo);
  parley = await ParleyWorkerd.start();
  env = {
    EDGE_URL: parley.url,
    BRIDGE_SECRET: parley.bridgeSecret,
    KAFKA_BROKERS: kafka.address,
    KAFKA_TOPIC_CHAT_MESSAGES: topic,
    MONGODB_URI: `mongodb://${mongo.address}/proof`,
  };
});
afterAll(async () => {
  await parley.stop();
  await services.stop();
});

/** Rounds in which a server is killed and brought back, spread over all; Kafka's are not MongoDB's. */
function restartOf(round: number): Promise<void> | undefined {
  const every = Math.floor(size.kills / size.restarts);
  if (round % every === Math.floor(every / 3)) return kafka.restart();
  if (round % every === Math.floor((every * 2) / 3)) return mongo.restart();
  return undefined;
}

test(
  `[OBX-3] [AUD-3] ${size.conversations * size.events} events, bridge killed ${size.kills} times, Kafka and MongoDB restarted ${size.restarts} times each: MongoDB equals the logs, Kafka has them in order`,
  { timeout: size.timeoutMs },
  async () => {
    const writers = await LivelyWriter.many(parley, size.conversations);
    const ids = writers.map(({ conversationId }) => conversationId);
    const startedAt = performance.now();
    for (const [round, when] of fc.sample(death, { numRuns: size.kills, seed: SEED }).entries()) {
      const head = Math.ceil((size.events * (round + 1)) / size.kills);
      const bridge = await KillableBridge.spawn(env, logFile);
      const writing = Promise.all(writers.map((writer) => writer.writeUpTo(head)));
      const restarting = restartOf(round);
      // a bridge that cannot be asked yet has carried nothing
      await Promise.race([bridge.hasCarried(when.events).catch(() => undefined), pause(when.ms)]);
      await bridge.kill();
      await Promise.all([writing, restarting]);
      const isTenth = (round + 1) % Math.ceil(size.kills / 10) === 0;
      if (isTenth) told(`${round + 1} of ${size.kills} kills`, startedAt);
    }
    for (const writer of writers) writer.close();
    told("written, with all kills", startedAt);

    const last = await KillableBridge.spawn(env, logFile);
    const verified = await stillAtIt("the last bridge works off what is left", () =>
      bridgeCommand(env, "verify", "all", "--wait", `${ARCHIVED_WITHIN_S}`),
    );
    told("archived and verified", startedAt);
    expect(differencesOf(verified)).toEqual(new Map());
    expect(verified.exitCode).toBe(0);
    expect(verified.lines.at(-1)).toMatchObject({
      event: "verify.done",
      conversations: size.conversations,
      events: size.conversations * (size.events + 1),
    });
    const repeats = await stillAtIt("Kafka is read", () =>
      eventually(() => repeatsInKafka(ids), ARCHIVED_WITHIN_S * 1_000),
    );
    // bridges did die between writing and acking, or this would prove little; of a few, none may have
    if (size.kills >= MANY_KILLS) expect(repeats).toBeGreaterThan(0);
    await last.kill();
    told("Kafka compared", startedAt);
  },
);

/** How many records are repeats, once all events are there, in order. */
async function repeatsInKafka(ids: readonly string[]): Promise<number> {
  const records = await new TopicReader([kafka.address]).read(topic);
  const repeats = expectInOrder(records, ids, size.events);
  console.log(`bridge-proof: ${records.length} records, ${repeats} of them repeats`);
  return repeats;
}

function stillAtIt<T>(step: string, work: () => Promise<T>): Promise<T> {
  return withSignsOfLife(
    (line) => console.log(`bridge-proof: ${line}`),
    () => step,
    work,
  );
}

function told(step: string, startedAt: number): void {
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  console.log(`bridge-proof: ${step} after ${seconds} s`);
}
