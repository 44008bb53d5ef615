import { randomUUID } from "node:crypto";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { bridgeCommand, differencesOf } from "./bridge-command.ts";
import { bridgeEnv, kafkaBrokers, mongoUri } from "./endpoints.ts";
import { expectInOrder } from "./kafka-order.ts";
import { TopicReader } from "./kafka-reader.ts";
import { KillableBridge } from "./killable-bridge.ts";
import { LivelyWriter } from "./lively-writer.ts";
import { openArchive } from "./mongo-archive.ts";
import { CACHE } from "./servers/cache.ts";

const CONVERSATIONS = 12;
/** Events that each conversation gets from one step to the next. */
const STEP = 40;
const WITHIN_MS = 60_000;
const database = `two_${randomUUID()}`;
const topic = `messages.${randomUUID()}`;

let parley: ParleyWorkerd;
let env: Record<string, string>;
let ids: string[];
let writers: LivelyWriter[];
const bridges: KillableBridge[] = [];

beforeAll(async () => {
  parley = await ParleyWorkerd.start();
  env = {
    ...bridgeEnv(parley, database),
    KAFKA_TOPIC_CHAT_MESSAGES: topic,
  };
  writers = await LivelyWriter.many(parley, CONVERSATIONS);
  ids = writers.map(({ conversationId }) => conversationId);
});
afterAll(async () => {
  for (const writer of writers) writer.close();
  for (const bridge of bridges) await bridge.kill();
  const archive = await openArchive(mongoUri(), database);
  await archive.drop();
  await parley.stop();
});

async function spawn(name: string): Promise<KillableBridge> {
  const bridge = await KillableBridge.spawn(env, path.join(CACHE, `logs/two-${name}.log`));
  bridges.push(bridge);
  return bridge;
}

let head = 0;
/** Every conversation gets `STEP` more events. */
async function write(): Promise<void> {
  head += STEP;
  await Promise.all(writers.map((writer) => writer.writeUpTo(head)));
}

/** MongoDB equals the logs, and Kafka has every event in order; answers how many records are repeats. */
async function everythingArrived(): Promise<number> {
  const verified = await bridgeCommand(env, "verify", "all", "--wait", "60");
  expect(differencesOf(verified)).toEqual(new Map());
  expect(verified.exitCode).toBe(0);
  const reader = new TopicReader(kafkaBrokers());
  return eventually(async () => expectInOrder(await reader.read(topic), ids, head), WITHIN_MS);
}

test("[OBX-2] of two bridges the newer owns every shard; when it is killed the older takes over, and nothing is lost", async () => {
  const older = await spawn("older");
  await older.owns("all");
  await write();
  const newer = await spawn("newer");
  const writing = write();
  await Promise.all([newer.owns("all"), older.owns("none")]);
  await newer.hasCarried(1);
  const more = writing.then(write);
  await newer.kill();
  await more;
  await older.owns("all");
  await write();
  await everythingArrived();
  await older.kill();
});

test("[OBX-2] a bridge that was frozen while another took over wakes to acks that count no more, and harms nothing", async () => {
  const frozen = await spawn("frozen");
  await frozen.owns("all");
  const writing = write();
  await frozen.hasCarried(CONVERSATIONS);
  frozen.freeze();
  await writing;
  const successor = await spawn("successor");
  await successor.owns("all");
  await write();
  await everythingArrived();
  frozen.thaw();
  await frozen.owns("none");
  await write();
  await everythingArrived();
  await successor.end();
});
