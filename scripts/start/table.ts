import path from "node:path";
import type { BridgeConfig, SinkConfig } from "../../bridge/config.ts";
import type { BridgeHealth } from "../stack.ts";
import { textTable } from "../text-table.ts";
import type { Folders } from "./folders.ts";

export interface Started {
  edgeUrl: string;
  healthUrl: string;
  config: BridgeConfig;
  health: BridgeHealth;
  folders: Folders;
  environment: NodeJS.Dict<string>;
}

/** What runs where, and what is off and why. */
export function startTable(started: Started): string {
  const { edgeUrl, healthUrl, config, health, folders, environment } = started;
  const { sinks } = config;
  return textTable([
    ["part", "state", "where, or why not"],
    ["web app", "running", `${edgeUrl}/`],
    ["edge", "running", `${edgeUrl} (REST and WebSockets; health at /health)`],
    ["files", ...filesState(environment, folders)],
    ["bridge", "running", healthUrl],
    ["embedded sink", ...embeddedState(sinks)],
    ["Kafka", ...sinkState(sinks, health, "kafka", "KAFKA_BROKERS is not set")],
    ["MongoDB", ...sinkState(sinks, health, "mongodb", "MONGODB_URI is not set")],
    ["logs", "written", `${shown(folders.logs)} (npm run dev:logs follows them)`],
  ]);
}

function filesState(
  { S3_ENDPOINT, S3_BUCKET }: NodeJS.Dict<string>,
  folders: Folders,
): [string, string] {
  if (!S3_ENDPOINT) return ["running", `${shown(folders.state)} (S3_ENDPOINT is not set)`];
  return ["running", `${S3_ENDPOINT}, bucket ${S3_BUCKET ?? "missing: set S3_BUCKET"}`];
}

function embeddedState(sinks: readonly SinkConfig[]): [string, string] {
  const embedded = sinks.find((sink) => sink.type === "embedded");
  if (embedded === undefined) return ["off", "Kafka or MongoDB is configured"];
  return ["running", `${shown(embedded.folder)} (events as JSON lines)`];
}

function sinkState(
  sinks: readonly SinkConfig[],
  health: BridgeHealth,
  type: "kafka" | "mongodb",
  whyOff: string,
): [string, string] {
  const sink = sinks.find((each) => each.type === type);
  if (sink === undefined) return ["off", whyOff];
  const { status, reason } = health.sinks[type] ?? { status: "degraded", reason: null };
  if (status === "healthy") return ["connected", addressOf(sink)];
  const why = reason == null ? "" : `: ${reason}`;
  return ["waiting", `no answer from ${addressOf(sink)}${why}; events wait for it in the log`];
}

function addressOf(sink: SinkConfig): string {
  switch (sink.type) {
    case "kafka":
      return sink.brokers.join(",");
    case "mongodb":
      return sink.uri.replace(/\/\/[^@/]*@/, "//"); // without name and password
    case "embedded":
      return sink.folder;
  }
}

function shown(folder: string): string {
  const relative = path.relative(process.cwd(), folder);
  return `${relative.startsWith("..") ? folder : relative}/`;
}
