import { randomUUID } from "node:crypto";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_TOPICS } from "../../bridge/kafka/topics.ts";
import { eventually } from "../support/eventually.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { bridgeEnv, kafkaBrokers, mongoUri } from "./endpoints.ts";
import { TopicReader } from "./kafka-reader.ts";
import { KillableBridge } from "./killable-bridge.ts";
import { openArchive, type MongoArchive } from "./mongo-archive.ts";
import { CACHE } from "./servers/cache.ts";

const WITHIN_MS = 60_000;
const logFile = path.join(CACHE, "logs/reports-bridge.log");
const reader = new TopicReader(kafkaBrokers());
let parley: ParleyWorkerd;
let archive: MongoArchive;
let env: Record<string, string>;

beforeAll(async () => {
  parley = await ParleyWorkerd.start();
  const database = `reports_${randomUUID()}`;
  archive = await openArchive(mongoUri(), database);
  env = {
    ...bridgeEnv(parley, database),
    KAFKA_TOPIC_CHAT_MESSAGES: `messages.${randomUUID()}`,
  };
});
afterAll(async () => {
  await parley.stop();
  await archive.drop();
});

async function rest(userId: string, method: string, url: string, body?: object): Promise<void> {
  const { status, body: said } = await parley.rest(userId, method, url, body);
  if (status >= 300) throw new Error(`${url} answered ${status}: ${JSON.stringify(said)}`);
}

/** What the events topic says of one conversation's reports, by the id of its record. */
async function reportRecords(conversationId: string): Promise<Map<string | undefined, unknown>> {
  return eventually(async () => {
    const records = await reader.records(DEFAULT_TOPICS.events);
    const made = records.filter(
      ({ key, headers }) => key === conversationId && headers["ce_type"] === "parley.report.made",
    );
    const found = new Map(made.map(({ headers, value }) => [headers["ce_id"], value]));
    expect(found.size).toBeGreaterThan(1);
    return found;
  }, WITHIN_MS);
}

test("[MOD-1] [MOD-2] [CHG-7] reports and erasures are in Kafka and MongoDB once, over a kill of the bridge", async () => {
  const members = ["ada", "bo", "cy"];
  const conversationId = await parley.group(members);
  for (const content of ["one", "two", "three"]) {
    await rest("bo", "POST", "/messages", { conversationId, content });
  }
  const reported = `${conversationId}.2`;
  let bridge = await KillableBridge.spawn(env, logFile);
  await rest("cy", "POST", `/messages/${reported}/reports`, { reason: "an advert" });
  await bridge.hasCarried(1);
  await bridge.kill();
  await rest("ada", "POST", `/api/chat/messages/${reported}/reportSpam`);
  await rest("ada", "POST", `/api/chat/messages/${reported}/reportSpam`);
  bridge = await KillableBridge.spawn(env, logFile);

  const messages = async () => {
    const documents = await archive.documents("messages");
    return documents.toSorted((one, other) => Number(one["seq"]) - Number(other["seq"]));
  };
  await eventually(async () => {
    expect(await messages()).toMatchObject([
      { content: "one", isSpam: false, is_spam: false },
      { content: "two", isSpam: true, is_spam: true },
      { content: "three", isSpam: false },
    ]);
    expect(await archive.documents("reports")).toHaveLength(2);
  }, WITHIN_MS);
  const reports = await archive.documents("reports");
  const byCy = {
    conversationId,
    conversation_id: conversationId,
    messageId: reported,
    message_id: reported,
    reporterId: "cy",
    reporter_id: "cy",
    reason: "an advert",
    reports: 1,
    is_spam: true,
  };
  expect(reports.find(({ _id: id }) => String(id) === `${conversationId}.4`)).toMatchObject(byCy);
  const records = await reportRecords(conversationId);
  expect([...records.keys()]).toEqual([`${conversationId}.4`, `${conversationId}.5`]);
  expect(records.get(`${conversationId}.4`)).toMatchObject({
    eventType: "MESSAGE_REPORTED",
    ...byCy,
  });
  expect(records.get(`${conversationId}.5`)).toMatchObject({ reporterId: "ada", reports: 2 });

  await rest("ada", "DELETE", `/conversations/${conversationId}/members/bo/messages`);
  await eventually(async () => {
    expect(await messages()).toMatchObject(
      Array.from({ length: 3 }, () => ({ content: "", deletedAt: expect.any(Date) })),
    );
  }, WITHIN_MS);
  await bridge.end();
});
