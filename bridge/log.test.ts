import { expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { createLog, reasonOf } from "./log.ts";
import { secretsOf } from "./secrets.ts";

/** The config of an environment with every secret that there is. */
function secrets(uri: string): string[] {
  const config = readConfig({
    BRIDGE_SECRET: "bridge-s3cret",
    KAFKA_BROKERS: "one:9092",
    KAFKA_SASL_USERNAME: "chat",
    KAFKA_SASL_PASSWORD: 'ka"fka\\s3cret',
    MONGODB_URI: uri,
  });
  if (!config.ok) throw new Error(config.error);
  return secretsOf(config.value);
}

test("a log line is one JSON object with time, level and event", () => {
  const lines: string[] = [];
  createLog(
    (line) => lines.push(line),
    () => 0,
    [],
  ).warn("sink.retry", { sink: "kafka", attempt: 2 });
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    {
      at: "1970-01-01T00:00:00.000Z",
      level: "warn",
      event: "sink.retry",
      sink: "kafka",
      attempt: 2,
    },
  ]);
});

test("whatever a library repeats, no line holds a secret, and the rest of the line stays", () => {
  const uri = "mongodb://user:p%40ss-word@mongo:27017/chat_db";
  const lines: string[] = [];
  const log = createLog(
    (line) => lines.push(line),
    () => 0,
    secrets(uri),
  );
  const said = [
    "Bearer bridge-s3cret was refused",
    `cannot parse ${uri}`,
    "password p@ss-word is wrong",
    'PLAIN chat ka"fka\\s3cret failed',
  ];
  for (const reason of said) log.error("bridge.broken", { reason });
  const reasons = lines.map((line) => Object(JSON.parse(line)).reason);
  expect(reasons).toEqual([
    "Bearer *** was refused",
    "cannot parse mongodb://user:***@mongo:27017/chat_db",
    "password *** is wrong",
    "PLAIN chat *** failed",
  ]);
});

test("a reason names no credentials of a URI, for health has no list of secrets", () => {
  const error = new Error("no answer from mongodb://user:pass@mongo:27017/chat_db");
  expect(reasonOf(error)).toBe("Error: no answer from mongodb://***@mongo:27017/chat_db");
  const cause = new Error("mongodb+srv://u:p@cluster/x");
  expect(reasonOf(new TypeError("failed", { cause }))).toBe(
    "TypeError: failed: mongodb+srv://***@cluster/x",
  );
});
