import { randomUUID } from "node:crypto";
import path from "node:path";
import { Kafka, logLevel, type Message } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_TOPICS } from "../../bridge/topics.ts";
import { eventually } from "../support/eventually.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { kafkaBrokers } from "./endpoints.ts";
import { KillableBridge } from "./killable-bridge.ts";
import { CACHE } from "./servers/cache.ts";

const WITHIN_MS = 60_000;
const run = randomUUID();
const topic = `quotes.${run}`;
const clientId = `chat-${run}`;
const groupId = `${clientId}.inbound`;
const logFile = path.join(CACHE, "logs/quotes-bridge.log");
const kafka = new Kafka({
  clientId: "quotes",
  brokers: kafkaBrokers(),
  logLevel: logLevel.NOTHING,
});
const admin = kafka.admin();
const producer = kafka.producer();

let parley: ParleyWorkerd;
let env: Record<string, string>;

beforeAll(async () => {
  parley = await ParleyWorkerd.start();
  env = {
    EDGE_URL: parley.url,
    BRIDGE_SECRET: parley.bridgeSecret,
    KAFKA_BROKERS: kafkaBrokers().join(","),
    KAFKA_CLIENT_ID_CHAT_SVC: clientId,
    KAFKA_TOPIC_QUOTE_EVENTS: topic,
  };
  await admin.connect();
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 2 }] });
  await producer.connect();
});
afterAll(async () => {
  await Promise.all([producer.disconnect(), admin.disconnect()]);
  await parley.stop();
});

async function produce(messages: Message[]): Promise<void> {
  await eventually(() => producer.send({ topic, messages }), WITHIN_MS);
}

function quote(quoteId: string, more: object = {}): Message {
  const event = { quoteId, clientId: "ada", professionalId: "bob", ...more };
  return { key: quoteId, value: JSON.stringify({ eventType: "QUOTE_ACCEPTED", ...event }) };
}

/** Every record's offset has been committed by the bridge's group. */
async function untilCommitted(): Promise<void> {
  await eventually(async () => {
    const ends = await admin.fetchTopicOffsets(topic);
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const offsets = new Map(
      committed?.partitions.map(({ partition, offset }) => [partition, offset]),
    );
    for (const { partition, high } of ends) {
      if (high !== "0") expect(offsets.get(partition)).toBe(high);
    }
  }, WITHIN_MS);
}

/** The notices that one of the two reads, oldest first; both were offline all the time. */
async function noticesFor(userId: string): Promise<unknown[]> {
  const headers = { authorization: `Bearer ${await parley.token(userId)}` };
  const url = `${parley.url}/messages?conversationId=ada_bob`;
  const body: unknown = await (await fetch(url, { headers })).json();
  const data: unknown = Object(body)["data"] ?? body;
  const messages: unknown = Object(data)["messages"];
  if (!Array.isArray(messages)) throw new Error(`no history: ${JSON.stringify(body)}`);
  return messages.map((message) => Object(message)["content"]);
}

test("[ING-2] [ING-3] a quote that comes five times, over a kill and a replay of the whole topic, is one message for each", async () => {
  let bridge = await KillableBridge.spawn(env, logFile);
  await produce(Array.from({ length: 3 }, () => quote("q1", { eventId: "e1" })));
  await eventually(async () => expect(await noticesFor("ada")).toHaveLength(1), WITHIN_MS);
  await bridge.kill();
  await produce([
    ...Array.from({ length: 2 }, () => quote("q1", { eventId: "e1" })),
    { key: "poison", value: "{" },
    { key: "other", value: JSON.stringify({ eventType: "QUOTE_VIEWED" }) },
    quote("q2", { amount: 90 }),
  ]);
  bridge = await KillableBridge.spawn(env, logFile);
  await untilCommitted();
  const notices = ["Quote q1 was accepted.", "Quote q2 was accepted (90)."];
  expect(await noticesFor("ada")).toEqual(notices);
  expect(await noticesFor("bob")).toEqual(notices);
  await bridge.end();

  // nobody is in the group any more, so it may be sent back to the beginning
  const back = { groupId, topic, earliest: true };
  await eventually(() => admin.resetOffsets(back), WITHIN_MS);
  bridge = await KillableBridge.spawn(env, logFile);
  await untilCommitted();
  expect(await noticesFor("bob")).toEqual(notices);
  await bridge.end();

  const graves = await deadLettersOf(topic);
  expect(graves).toContainEqual({ value: "{", reason: "the value is not JSON" });
});

async function deadLettersOf(origin: string): Promise<{ value: string; reason: string }[]> {
  const found: { value: string; reason: string }[] = [];
  const consumer = kafka.consumer({ groupId: `graves-${run}` });
  await consumer.connect();
  await consumer.subscribe({ topic: DEFAULT_TOPICS.deadLetter, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message: { value, headers = {} } }) => {
      if (String(headers["parley-topic"]) !== origin) return;
      found.push({ value: String(value), reason: String(headers["parley-reason"]) });
    },
  });
  await eventually(async () => expect(found.length).toBeGreaterThan(0), WITHIN_MS);
  await consumer.disconnect();
  return found;
}
