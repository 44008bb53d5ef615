import { createInterface } from "node:readline/promises";
import { setTimeout as pause } from "node:timers/promises";
import { Kafka, logLevel, type Admin } from "kafkajs";
import { readConfig } from "../bridge/config.ts";
import { makeTopics } from "../bridge/kafka/kafka-topics.ts";
import { reasonOf, type Log, type LogFields } from "../bridge/log.ts";
import type { Topics } from "../bridge/kafka/topics.ts";
import { givenTo } from "./command-line.ts";
import { onceLed } from "./once-led.ts";
import { runningServices } from "./running-services.ts";
import { textTable } from "./text-table.ts";

const say = (event: string, fields: LogFields = {}) =>
  console.log(`${event}: ${Object.values(fields).join(", ")}`);
const LOG: Log = { info: say, warn: say, error: say };

const GONE_WITHIN_MS = 30_000;
const LOOK_AGAIN_MS = 200;

async function main({ reset, yes }: { reset: boolean; yes: boolean }): Promise<void> {
  const services = await runningServices();
  const config = readConfig({ BRIDGE_SECRET: "not needed here", ...services, ...process.env });
  if (!config.ok) throw new Error(config.error);
  const { sinks, topics } = config.value;
  const sink = sinks.find(({ type }) => type === "kafka");
  if (sink?.type !== "kafka") {
    throw new Error("KAFKA_BROKERS is not set, and npm run services does not run");
  }
  const { brokers, clientId } = sink;
  const kafka = new Kafka({ clientId, brokers, logLevel: logLevel.NOTHING, retry: { retries: 2 } });
  const admin = kafka.admin();
  await admin.connect().catch((error: unknown) => {
    throw new Error(`no answer from ${brokers.join(",")}: ${reasonOf(error)}`);
  });
  try {
    if (reset && !(await clear(admin, topics, brokers, yes))) return;
    await makeTopics(kafka, topics, LOG);
    console.log(await topicsTable(admin, topics));
  } finally {
    await admin.disconnect();
  }
}

/** False when the person who was asked does not want it. */
async function clear(
  admin: Admin,
  topics: Topics,
  brokers: readonly string[],
  isSure: boolean,
): Promise<boolean> {
  const present = await presentOf(admin, topics);
  if (present.length === 0) return true;
  console.log(await topicsTable(admin, topics));
  const question = `delete these topics on ${brokers.join(",")} with all their records?`;
  if (!isSure && !(await agrees(question))) return false;
  await admin.deleteTopics({ topics: present });
  const deadline = performance.now() + GONE_WITHIN_MS;
  while ((await presentOf(admin, topics)).length > 0) {
    if (performance.now() > deadline) throw new Error("the brokers do not delete the topics");
    await pause(LOOK_AGAIN_MS);
  }
  return true;
}

async function agrees(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error("nobody can be asked here; give --yes to go on");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} (yes/no) `);
  terminal.close();
  return answer.trim().toLowerCase() === "yes";
}

async function presentOf(admin: Admin, topics: Topics): Promise<string[]> {
  const existing = new Set(await admin.listTopics());
  return Object.values(topics).filter((topic) => existing.has(topic));
}

async function topicsTable(admin: Admin, topics: Topics): Promise<string> {
  const rows = await Promise.all(
    (await presentOf(admin, topics)).map(async (topic) => {
      const partitions = await onceLed(() => admin.fetchTopicOffsets(topic));
      const records = partitions.reduce(
        (sum, { high, low }) => sum + Number(high) - Number(low),
        0,
      );
      return [topic, String(partitions.length), String(records)];
    }),
  );
  return textTable([["topic", "partitions", "records"], ...rows]);
}

const { values } = givenTo({
  name:
    process.env["npm_lifecycle_event"] === "kafka:reset"
      ? "npm run kafka:reset"
      : "npm run kafka:topics",
  does:
    "Makes the topics of the bridge that are missing on KAFKA_BROKERS, else on the Kafka of `npm run services`, and " +
    "lists them.",
  options: {
    reset: { type: "flag", what: "deletes them first, with everything in them" },
    yes: { type: "flag", what: "does not ask before that" },
  },
});
try {
  await main(values);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
