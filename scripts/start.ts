import { once } from "node:events";
import { createServer } from "node:net";
import path from "node:path";
import { freePort } from "../tests/support/free-port.ts";
import { REPO } from "../tests/services/servers/cache.ts";
import { prepareDevelopment } from "./dev-setup.ts";
import { interruption } from "./interruption.ts";
import { startBridgeProcess, startEdgeProcess } from "./stack.ts";
import type { LoggedChild } from "./logged-child.ts";
import { textTable } from "./text-table.ts";

/** Runs everything on this machine until Ctrl-C: the edge with the web app, and the bridge. */

const LOGS = path.join(REPO, ".parley/logs");
const DEFAULT_PORT = 8787;
const DEFAULT_HEALTH_PORT = 8790;

async function main(): Promise<number> {
  const port = await portToUse("PORT", DEFAULT_PORT);
  const interrupted = interruption();
  const children: LoggedChild[] = [];
  try {
    console.log("starting the edge and the bridge");
    await prepareDevelopment();
    const logFile = path.join(LOGS, "edge.log");
    const edge = await startEdgeProcess({ port, inspectorPort: await freePort(), logFile });
    children.push(edge.child);
    const bridge = await startBridgeProcess({
      edgeUrl: edge.url,
      healthPort: await healthPort(),
      env: process.env,
      logFile: path.join(LOGS, "bridge.log"),
    });
    children.push(bridge.child);
    console.log(`\n${table(edge.url, bridge.healthUrl)}\n\nCtrl-C stops everything`);
    const gone = Promise.race(children.map((child) => child.ended.then(() => child)));
    const first = await Promise.race([interrupted.then(() => null), gone]);
    if (first === null) return 0;
    console.error(await first.lastWords());
    return 1;
  } finally {
    // the bridge first: its acks still reach the edge
    for (const child of children.toReversed()) await child.stop();
  }
}

function table(edgeUrl: string, healthUrl: string): string {
  const { KAFKA_BROKERS, MONGODB_URI, MONGO_URI, PARLEY_SINK_DIR } = process.env;
  const mongo = MONGODB_URI ?? MONGO_URI;
  const logs = path.relative(process.cwd(), LOGS);
  const sink = PARLEY_SINK_DIR ?? ".parley/sink";
  const isEmbedded = KAFKA_BROKERS === undefined && mongo === undefined;
  return textTable([
    ["part", "state", "where"],
    ["web app", "running", `${edgeUrl}/`],
    ["edge", "running", `${edgeUrl}  (REST, WebSockets, health at /health)`],
    ["bridge", "running", healthUrl],
    [
      "embedded sink",
      isEmbedded ? "running" : "off",
      isEmbedded ? `${sink}/` : "Kafka or MongoDB is configured",
    ],
    [
      "Kafka",
      KAFKA_BROKERS === undefined ? "off" : "used",
      KAFKA_BROKERS ?? "KAFKA_BROKERS is not set",
    ],
    [
      "MongoDB",
      mongo === undefined ? "off" : "used",
      mongo === undefined ? "MONGODB_URI is not set" : withoutPassword(mongo),
    ],
    ["logs", "written", `${logs}/`],
  ]);
}

function withoutPassword(uri: string): string {
  return uri.replace(/\/\/[^@/]*@/, "//");
}

/** The port a variable names, or the default; throws in words when somebody else has it. */
async function portToUse(variable: string, fallback: number): Promise<number> {
  const port = Number(process.env[variable] ?? fallback);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`${variable} is not a port`);
  if (await isFree(port)) return port;
  throw new Error(`port ${port} is in use; choose another one with ${variable}=…`);
}

/** Nobody needs to know this port beforehand, so a taken one is simply replaced. */
async function healthPort(): Promise<number> {
  if (process.env["BRIDGE_HEALTH_PORT"] !== undefined) {
    return portToUse("BRIDGE_HEALTH_PORT", DEFAULT_HEALTH_PORT);
  }
  return (await isFree(DEFAULT_HEALTH_PORT)) ? DEFAULT_HEALTH_PORT : freePort();
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
