import { expect, test } from "vitest";
import { readConfig, type BridgeConfig } from "./config.ts";

function config(environment: Record<string, string | undefined>): BridgeConfig {
  const read = readConfig({ BRIDGE_SECRET: "s", ...environment });
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

test("with nothing but a secret, events go to the embedded sink and both servers are disabled", () => {
  expect(config({})).toEqual({
    edgeUrl: new URL("http://127.0.0.1:8787"),
    secret: "s",
    topics: {
      messages: "chat.messages",
      events: "chat.events",
      deadLetter: "chat.dead-letter",
      quoteEvents: "quote.events",
      notifications: "chat.notifications",
    },
    sinks: [{ type: "embedded", folder: ".parley/sink" }],
    disabled: ["kafka", "mongodb"],
    healthPort: 8790,
    tracing: null,
    bounds: { linkEvents: 1_024, groupEvents: 2_000, groupBytes: 4_194_304 },
    warnings: [],
  });
});

test("one configured server is used alone, and the other is disabled, not embedded", () => {
  const kafka = config({
    KAFKA_BROKERS: " one:9092, two:9092 ",
    KAFKA_TOPIC_CHAT_MESSAGES: "talk",
  });
  expect(kafka.sinks).toEqual([
    { type: "kafka", brokers: ["one:9092", "two:9092"], clientId: "chat-svc" },
  ]);
  expect(kafka.disabled).toEqual(["mongodb"]);
  expect(kafka.topics.messages).toBe("talk");
  const mongo = config({ MONGO_URI: "mongodb://localhost:27017" });
  expect(mongo.sinks).toEqual([
    { type: "mongodb", uri: "mongodb://localhost:27017", database: "chat_db" },
  ]);
  expect(mongo.disabled).toEqual(["kafka"]);
});

test.each([
  ["mongodb://u:p@one,two:27018/talk?w=1", "talk"],
  ["mongodb+srv://cluster.example/a%20b", "a b"],
  ["mongodb://one/?replicaSet=rs", "chat_db"],
])("the database is the one in the URI's path: %s", (uri, database) => {
  expect(config({ MONGODB_URI: uri }).sinks).toEqual([{ type: "mongodb", uri, database }]);
});

test("an empty variable counts as unset, and MONGODB_URI goes before MONGO_URI", () => {
  const both = config({
    MONGODB_URI: "mongodb://one",
    MONGO_URI: "mongodb://two",
    KAFKA_BROKERS: "",
  });
  expect(both.sinks).toEqual([{ type: "mongodb", uri: "mongodb://one", database: "chat_db" }]);
});

test("REDIS_URL is ignored with one warning", () => {
  expect(config({ REDIS_URL: "redis://x" }).warnings).toHaveLength(1);
});

test("every variable at fault is named in one sentence, and no value of one is", () => {
  const read = readConfig({
    EDGE_URL: "nowhere",
    KAFKA_BROKERS: "no-port",
    MONGODB_URI: "mysql://root:pw@db",
    BRIDGE_HEALTH_PORT: "70000",
  });
  expect(read).toEqual({
    ok: false,
    error: [
      "EDGE_URL is not a URL",
      "BRIDGE_SECRET is not set (npm run dev:setup writes one for development into .dev.vars)",
      "KAFKA_BROKERS is not a list of host:port",
      "MONGODB_URI is not a mongodb:// URI",
      "BRIDGE_HEALTH_PORT is above 65535",
    ].join("; "),
  });
});
