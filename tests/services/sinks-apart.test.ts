import { randomUUID } from "node:crypto";
import path from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { Participant } from "../support/participant.ts";
import { expectInOrder } from "./kafka-order.ts";
import { TopicReader } from "./kafka-reader.ts";
import { KillableBridge } from "./killable-bridge.ts";
import { openArchive, type MongoArchive } from "./mongo-archive.ts";
import { CACHE } from "./servers/cache.ts";
import { startServices, type Services } from "./servers/index.ts";
import { running, type RunningService } from "./servers/service.ts";

const CONVERSATIONS = 10;
const MESSAGES = 30;
const WITHIN_MS = 90_000;

let services: Services;
let parley: ParleyWorkerd;
let bridge: KillableBridge;
let archive: MongoArchive;
let kafka: RunningService;
let mongo: RunningService;
let ids: string[];
let writers: Participant[];
let reader: TopicReader;
const topic = `messages.${randomUUID()}`;
const database = `apart_${randomUUID()}`;

/** Servers of its own, since it stops them. */
beforeAll(async () => {
  services = await startServices({ only: ["kafka", "mongo"] });
  kafka = running(services.kafka);
  mongo = running(services.mongo);
  parley = await ParleyWorkerd.start();
  reader = new TopicReader([kafka.address]);
  const uri = `mongodb://${mongo.address}/${database}`;
  archive = await openArchive(uri, database);
  const env = {
    EDGE_URL: parley.url,
    BRIDGE_SECRET: parley.bridgeSecret,
    KAFKA_BROKERS: kafka.address,
    KAFKA_TOPIC_CHAT_MESSAGES: topic,
    MONGODB_URI: uri,
  };
  bridge = await KillableBridge.spawn(env, path.join(CACHE, "logs/apart-bridge.log"));
  const numbers = Array.from({ length: CONVERSATIONS }, (_, n) => n);
  ids = await Promise.all(numbers.map((n) => parley.group([`writer-${n}`])));
  writers = ids.map((id, n) => new Participant(parley, id, `writer-${n}`));
});
afterAll(async () => {
  for (const writer of writers) writer.close();
  await bridge.kill();
  await archive.close();
  await parley.stop();
  await services.stop();
});

let rounds = 0;
/** Every writer says `MESSAGES` more; answers where the logs end then. */
async function write(): Promise<number> {
  const round = rounds++;
  const keys = Array.from({ length: MESSAGES }, (_, n) => `${round}-${n}`);
  await Promise.all(
    writers.flatMap((writer) => keys.map((key) => writer.send(`message ${key}`, key))),
  );
  return rounds * MESSAGES;
}

async function untilInMongo(head: number): Promise<void> {
  await eventually(async () => {
    const states = await archive.documents("bridge_state");
    const reached = new Map(states.map(({ _id, archivedSeq }) => [String(_id), archivedSeq]));
    expect(reached).toEqual(new Map(ids.map((id) => [id, head])));
  }, WITHIN_MS);
}

/** Every conversation is there up to `head`, and no event came before one that it follows. */
async function untilInKafka(head: number): Promise<void> {
  await eventually(async () => expectInOrder(await reader.read(topic), ids, head), WITHIN_MS);
}

const partSchema = v.object({ status: v.string(), fault: v.nullable(v.string()) });

/** What the edge says of a server behind the bridge; it may take a heartbeat until it knows. */
async function untilEdgeSays(part: "kafka" | "mongodb", status: string): Promise<string | null> {
  return eventually(async () => {
    const told = v.parse(partSchema, await (await fetch(`${parley.url}/health/${part}`)).json());
    expect(told.status).toBe(status);
    return told.fault;
  }, WITHIN_MS);
}

test("[OBX-8] Kafka down does not stop the archive, MongoDB down does not stop Kafka, and each catches up", async () => {
  await untilInMongo(await write());
  await untilEdgeSays("kafka", "healthy");

  await kafka.kill();
  const withoutKafka = await write();
  await untilInMongo(withoutKafka);
  expect(await untilEdgeSays("kafka", "error")).toBe("unreachable");
  await untilEdgeSays("mongodb", "healthy");
  await kafka.restart();
  await untilInKafka(withoutKafka);

  await mongo.kill();
  const withoutMongo = await write();
  await untilInKafka(withoutMongo);
  expect(await untilEdgeSays("mongodb", "error")).toBe("unreachable");
  await mongo.restart();
  await untilInMongo(withoutMongo);
  await untilEdgeSays("kafka", "healthy");
  await untilEdgeSays("mongodb", "healthy");
});
