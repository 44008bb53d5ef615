import { randomUUID } from "node:crypto";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { eventually } from "../support/eventually.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { bridgeEnv, kafkaBrokers, mongoUri, s3Settings } from "./endpoints.ts";
import { DEFAULT_TOPICS } from "../../bridge/kafka/topics.ts";
import { DescribedMessages } from "../support/described-messages.ts";
import { TopicReader } from "./kafka-reader.ts";
import { KillableBridge } from "./killable-bridge.ts";
import { openArchive, type MongoArchive } from "./mongo-archive.ts";
import { CACHE } from "./servers/cache.ts";
import { consumeOnConsole, evaluateInMongosh } from "./servers/outside-tools.ts";

/** What the bridge wrote, read by programs that know nothing of it. */

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const run = randomUUID();
const messagesTopic = `messages.${run}`;
const database = `readers_${run}`;
const [broker = ""] = kafkaBrokers();

let parley: ParleyWorkerd;
let archive: MongoArchive;
let collector: OtlpReceiver;
let bridge: KillableBridge;

beforeAll(async () => {
  [parley, collector, archive] = await Promise.all([
    ParleyWorkerd.start({ text: s3Variables() }),
    OtlpReceiver.start(),
    openArchive(mongoUri(), database),
  ]);
  const env = {
    ...bridgeEnv(parley, database),
    KAFKA_CLIENT_ID_CHAT_SVC: `chat-${run}`,
    KAFKA_TOPIC_CHAT_MESSAGES: messagesTopic,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
  };
  bridge = await KillableBridge.spawn(env, path.join(CACHE, "logs/readers-bridge.log"));
});
afterAll(async () => {
  await bridge.end();
  await Promise.all([parley.stop(), collector.stop(), archive.drop()]);
});

/** Files of the edge go to the real S3 server. */
function s3Variables(): Record<string, string> {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = s3Settings();
  return {
    S3_ENDPOINT: endpoint,
    S3_BUCKET: bucket,
    S3_REGION: region,
    S3_ACCESS_KEY: accessKeyId,
    S3_SECRET_KEY: secretAccessKey,
  };
}

/** Uploads a small file and answers its id. */
async function upload(conversationId: string): Promise<string> {
  const body = new FormData();
  body.set("conversationId", conversationId);
  body.set("file", new File(["a note"], "note.txt", { type: "text/plain" }));
  const headers = { authorization: `Bearer ${await parley.token("ada")}` };
  const answer = await fetch(`${parley.url}/files/upload`, { method: "POST", headers, body });
  const sent: unknown = await answer.json();
  expect(answer.status, JSON.stringify(sent)).toBe(201);
  return String(Object(sent).data?.fileId);
}

async function ask(
  method: string,
  route: string,
  body?: object,
  { traceparent, userId = "ada" }: { traceparent?: string; userId?: string } = {},
) {
  const headers = traceparent === undefined ? undefined : { traceparent };
  const { status, body: said } = await parley.rest(userId, method, route, body, headers);
  expect(status, JSON.stringify(said)).toBeLessThan(300);
}

/** A line of the console consumer: headers, key and value. */
function recordOf(line: string) {
  const [headers = "", key = "", value = ""] = line.split("\t");
  // a header's value may hold a comma or a colon; none of ours does but the time
  const named = headers.split(",").map((header) => {
    const [name = "", ...rest] = header.split(":");
    return [name, rest.join(":")] as const;
  });
  const parsed: unknown = JSON.parse(value);
  return { headers: Object.fromEntries(named), key, value: parsed };
}

test("[TRC-1] Kafka's console consumer and mongosh read a message, and both name the trace of its client", async () => {
  const id = await parley.group(["ada", "bob"]);
  const content = 'a "quoted" word, a tab\t and an emoji 🎉';
  await ask("POST", "/messages", { conversationId: id, content }, { traceparent: TRACEPARENT });
  await ask("PATCH", `/messages/${id}.1`, { newContent: "edited" });
  await ask("POST", "/messages", { conversationId: id, content: "untraced" });
  await eventually(async () => {
    const [state] = await archive.documents("bridge_state");
    expect(state?.["archivedSeq"]).toBe(3);
  });

  const lines = await consumeOnConsole(broker, messagesTopic, 3);
  const records = lines.map(recordOf);
  expect(records.map(({ key }) => key)).toEqual([id, id, id]);
  expect(records.map(({ headers }) => headers)).toEqual([
    {
      ce_specversion: "1.0",
      ce_id: `${id}.1`,
      ce_source: `/conversations/${id}`,
      ce_type: "parley.message.created",
      ce_time: expect.stringMatching(/Z$/),
      "content-type": "application/json",
      traceparent: TRACEPARENT,
      ce_traceparent: TRACEPARENT,
    },
    expect.objectContaining({ ce_type: "parley.message.edited", ce_id: `${id}.2` }),
    expect.not.objectContaining({ traceparent: expect.anything() }),
  ]);
  expect(records.map(({ value }) => value)).toMatchObject([
    { eventType: "MESSAGE_CREATED", messageId: `${id}.1`, sender_id: "ada" },
    { eventType: "MESSAGE_EDITED", newContent: "edited", text_content: "edited" },
    { eventType: "MESSAGE_CREATED", content: "untraced", senderId: "ada" },
  ]);

  const read = await evaluateInMongosh(
    mongoUri(database),
    "db.messages.find().sort({ seq: 1 }).toArray()",
  );
  expect(read).toMatchObject([
    { _id: `${id}.1`, content: "edited", traceparent: TRACEPARENT, history: [{ content }] },
    { _id: `${id}.3`, content: "untraced" },
  ]);
  expect([read].flat().map((document) => "traceparent" in Object(document))).toEqual([true, false]);
});

test("[TRC-1] a collector gets spans of both writes, linked to the trace of the client", async () => {
  // of its own: spans of other tests are no proof
  const traceId = randomUUID().replaceAll("-", "");
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  const id = await parley.group(["ada", "bob"]);
  await ask("POST", "/messages", { conversationId: id, content: "hello" }, { traceparent });
  await eventually(async () => {
    for (const name of ["kafka produce", "mongodb write"]) {
      const writes = collector.named(name).map(({ parentSpanId }) => parentSpanId);
      const groups = collector
        .named("carry group")
        .filter(({ links }) => links.some((link) => link.traceId === traceId));
      expect(
        groups.some(({ spanId }) => writes.includes(spanId)),
        name,
      ).toBe(true);
    }
  });
  expect([...collector.services]).toEqual(["parley-bridge"]);
});

test("what lies in Kafka is what docs/asyncapi.yaml describes: changes, membership, settings, files, reports and receipts", async () => {
  const id = await parley.group(["ada", "bob"]);
  const message = { conversationId: id, content: "hello", metadata: { "a.b": 1 } };
  await ask("POST", "/messages", message, { traceparent: TRACEPARENT });
  await ask("PATCH", `/messages/${id}.1`, { newContent: "edited" });
  await ask("POST", `/messages/${id}.1/reactions`, { emoji: "👍" });
  await ask("POST", `/messages/${id}.1/reports`, { reason: "spam" }, { userId: "bob" });
  await ask("DELETE", `/messages/${id}.1`);
  await ask("PATCH", `/conversations/${id}`, { name: "renamed", join: "open" });
  await ask("POST", `/conversations/${id}/members`, { userIds: ["cleo"] });
  await ask("PUT", `/conversations/${id}/read`, {});
  await ask("DELETE", `/files/${await upload(id)}`);
  const described = DescribedMessages.read();
  const reader = new TopicReader(kafkaBrokers());
  const channels = { messages: messagesTopic, events: DEFAULT_TOPICS.events };
  await eventually(async () => {
    const problems: string[] = [];
    const types = new Set<string | undefined>();
    for (const [channel, topic] of Object.entries(channels)) {
      for (const { key, value, headers } of await reader.records(topic)) {
        if (key !== id) continue;
        const type = headers["ce_type"] ?? "no ce_type";
        types.add(type);
        problems.push(...described.problems(channel, type, value, headers));
      }
    }
    expect(problems).toEqual([]);
    expect([...types]).toEqual(
      expect.arrayContaining([
        "parley.message.created",
        "parley.message.edited",
        "parley.message.deleted",
        "parley.message.reaction",
        "parley.conversation.founded",
        "parley.conversation.settings",
        "parley.conversation.membership",
        "parley.conversation.receipts",
        "parley.report.made",
        "parley.file.uploaded",
        "parley.file.deleted",
      ]),
    );
  }, 60_000);
});
