import * as v from "valibot";
import type { WindowBounds } from "../core/bridging/window.ts";
import { LIMITS } from "../protocol/limits.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { KafkaConnection } from "./kafka/kafka-connection.ts";
import { DEFAULT_TOPICS, type Topics } from "./kafka/topics.ts";

/** Where events go. `embedded` stands in for both servers where neither is configured. */
export type SinkConfig =
  | ({ type: "kafka" } & KafkaConnection)
  | { type: "mongodb"; uri: string; database: string }
  | { type: "embedded"; folder: string };

export interface BridgeConfig {
  edgeUrl: URL;
  secret: string;
  topics: Topics;
  sinks: SinkConfig[];
  /** Parts that nothing configures, for `/health`. */
  disabled: ("kafka" | "mongodb")[];
  healthPort: number;
  /** Null unless somebody collects spans; where, the exporter reads itself. */
  tracing: { serviceName: string } | null;
  bounds: WindowBounds;
  /** Things to tell the operator once. */
  warnings: string[];
}

/**
 * Events in one group, and their bytes: past some hundred the sinks' time per event hardly falls any more, while the
 * first event of a group waits longer for its last.
 */
const GROUP = { groupEvents: 2_000, groupBytes: 4 * 1_048_576 };
/** Events in hand per shard, at least one full batch. What that comes to in memory: docs/bridge.md. */
const DEFAULT_WINDOW = "1024";

const text = v.pipe(v.string(), v.trim(), v.nonEmpty("is empty"));
const httpUrl = v.pipe(
  text,
  v.url("is not a URL"),
  v.transform((url) => new URL(url)),
  v.check(
    ({ protocol }) => protocol === "http:" || protocol === "https:",
    "is neither http nor https",
  ),
);
/** Kafka's own rule for the names of topics; it also makes them safe as file names. */
const topic = v.pipe(text, v.regex(/^[A-Za-z0-9._-]{1,249}$/, "is not a topic name"));
const wholeNumber = (min: number, max: number) =>
  v.pipe(
    text,
    v.regex(/^[0-9]+$/, "is not a whole number"),
    v.transform(Number),
    v.minValue(min, `is below ${min}`),
    v.maxValue(max, `is above ${max}`),
  );
const brokerList = v.pipe(
  text,
  v.transform((list) =>
    list
      .split(",")
      .map((broker) => broker.trim())
      .filter((broker) => broker !== ""),
  ),
  v.check(
    (brokers) => brokers.every((broker) => /^[^\s:]+:[0-9]+$/.test(broker)),
    "is not a list of host:port",
  ),
);
const mongoUri = v.pipe(text, v.regex(/^mongodb(\+srv)?:\/\//, "is not a mongodb:// URI"));

const envSchema = v.object({
  EDGE_URL: v.optional(httpUrl, "http://127.0.0.1:8787"),
  BRIDGE_SECRET: text,
  KAFKA_BROKERS: v.optional(brokerList),
  KAFKA_CLIENT_ID_CHAT_SVC: v.optional(text, "chat-svc"),
  KAFKA_SSL: v.optional(v.picklist(["true", "false"], "is neither true nor false"), "false"),
  KAFKA_SASL_MECHANISM: v.optional(
    v.picklist(["plain", "scram-sha-256", "scram-sha-512"], "is no mechanism that is known"),
    "plain",
  ),
  KAFKA_SASL_USERNAME: v.optional(text),
  KAFKA_SASL_PASSWORD: v.optional(text),
  KAFKA_TOPIC_CHAT_MESSAGES: v.optional(topic, DEFAULT_TOPICS.messages),
  KAFKA_TOPIC_QUOTE_EVENTS: v.optional(topic, DEFAULT_TOPICS.quoteEvents),
  KAFKA_TOPIC_CHAT_NOTIFICATIONS: v.optional(topic, DEFAULT_TOPICS.notifications),
  MONGODB_URI: v.optional(mongoUri),
  MONGO_URI: v.optional(mongoUri),
  PARLEY_SINK_DIR: v.optional(text, ".parley/sink"),
  BRIDGE_HEALTH_PORT: v.optional(wholeNumber(0, 65_535), "8790"),
  BRIDGE_WINDOW_EVENTS: v.optional(wholeNumber(LIMITS.pageEvents, 65_536), DEFAULT_WINDOW),
  OTEL_EXPORTER_OTLP_ENDPOINT: v.optional(httpUrl),
  OTEL_SERVICE_NAME: v.optional(text, "parley-bridge"),
  REDIS_URL: v.optional(v.string()),
});
type Env = v.InferOutput<typeof envSchema>;

/** The environment as typed config, or one sentence that names every variable at fault. Empty variables count as unset. */
export function readConfig(
  environment: Record<string, string | undefined>,
): Result<BridgeConfig, string> {
  const set = Object.entries(environment).filter(
    ([, value]) => value !== undefined && value !== "",
  );
  const parsed = v.safeParse(envSchema, Object.fromEntries(set));
  if (!parsed.success) return fail(parsed.issues.map(problemOf).join("; "));
  const env = parsed.output;
  const sinks = sinksOf(env);
  return ok({
    edgeUrl: env.EDGE_URL,
    secret: env.BRIDGE_SECRET,
    topics: {
      ...DEFAULT_TOPICS,
      messages: env.KAFKA_TOPIC_CHAT_MESSAGES,
      quoteEvents: env.KAFKA_TOPIC_QUOTE_EVENTS,
      notifications: env.KAFKA_TOPIC_CHAT_NOTIFICATIONS,
    },
    sinks,
    disabled: (["kafka", "mongodb"] as const).filter((name) =>
      sinks.every(({ type }) => type !== name),
    ),
    healthPort: env.BRIDGE_HEALTH_PORT,
    tracing:
      env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined ? null : { serviceName: env.OTEL_SERVICE_NAME },
    bounds: { linkEvents: env.BRIDGE_WINDOW_EVENTS, ...GROUP },
    warnings: warningsOf(env),
  });
}

function warningsOf({
  REDIS_URL,
  EDGE_URL,
  KAFKA_SASL_USERNAME,
  KAFKA_SASL_PASSWORD,
}: Env): string[] {
  const warnings: string[] = [];
  if (REDIS_URL !== undefined)
    warnings.push("REDIS_URL is ignored: durable objects do what Redis did");
  if (EDGE_URL.protocol === "http:" && !LOOPBACK.has(EDGE_URL.hostname))
    warnings.push("EDGE_URL is not https: the bridge's secret can be read on its way");
  if ((KAFKA_SASL_USERNAME === undefined) !== (KAFKA_SASL_PASSWORD === undefined))
    warnings.push("KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD are used only together");
  return warnings;
}

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

function sinksOf(env: Env): SinkConfig[] {
  const uri = env.MONGODB_URI ?? env.MONGO_URI;
  const sinks: SinkConfig[] = [];
  if (env.KAFKA_BROKERS !== undefined) {
    sinks.push({
      type: "kafka",
      brokers: env.KAFKA_BROKERS,
      clientId: env.KAFKA_CLIENT_ID_CHAT_SVC,
      ...(env.KAFKA_SSL === "true" ? { ssl: true } : {}),
      ...saslOf(env),
    });
  }
  if (uri !== undefined) sinks.push({ type: "mongodb", uri, database: databaseOf(uri) });
  return sinks.length > 0 ? sinks : [{ type: "embedded", folder: env.PARLEY_SINK_DIR }];
}

function saslOf(env: Env): Pick<KafkaConnection, "sasl"> {
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = env;
  if (username === undefined || password === undefined) return {};
  return { sasl: { mechanism: env.KAFKA_SASL_MECHANISM, username, password } };
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  const name = v.getDotPath(issue) ?? "";
  if (issue.received !== "undefined") return `${name} ${issue.message}`;
  const hint =
    name === "BRIDGE_SECRET"
      ? " (npm run dev:setup writes one for development into .dev.vars)"
      : "";
  return `${name} is not set${hint}`;
}

/** The database named in the URI's path, as the seeds name theirs. */
function databaseOf(uri: string): string {
  const name = /^[^:]+:\/\/[^/?]+\/([^?]+)/.exec(uri)?.[1];
  return name === undefined ? "chat_db" : decodeURIComponent(name);
}
