import path from "node:path";
import { fileURLToPath } from "node:url";
import { REPO } from "../tests/services/servers/cache.ts";
import { makeDevKeys } from "./dev-keys.ts";
import { LoggedChild } from "./logged-child.ts";

/** The program behind wrangler's launcher: killing the launcher would leave the program running. */
const WRANGLER = fileURLToPath(import.meta.resolve("wrangler"));

/** The edge under `wrangler dev`, on its accounts and objects in `persistTo` or wrangler's own folder. */
export async function startEdgeProcess(options: {
  port: number;
  inspectorPort: number;
  persistTo?: string;
  logFile: string;
}): Promise<{ url: string; child: LoggedChild }> {
  const { port, inspectorPort, persistTo, logFile } = options;
  const url = `http://127.0.0.1:${port}`;
  const ports = ["--ip", "127.0.0.1", "--port", `${port}`, "--inspector-port", `${inspectorPort}`];
  const state = persistTo === undefined ? [] : ["--persist-to", persistTo];
  const child = new LoggedChild({
    name: "the edge",
    command: process.execPath,
    args: ["--no-warnings", WRANGLER, "dev", ...ports, ...state],
    env: { CI: "1", WRANGLER_SEND_METRICS: "false" },
    logFile,
  });
  await child.ready(() => answers(`${url}/health`));
  return { url, child };
}

/** The bridge of a local edge. `env` names Kafka and MongoDB, or the folder of the embedded sink. */
export async function startBridgeProcess(options: {
  edgeUrl: string;
  healthPort: number;
  env: NodeJS.Dict<string>;
  logFile: string;
}): Promise<{ healthUrl: string; child: LoggedChild }> {
  const { edgeUrl, healthPort, env, logFile } = options;
  const { BRIDGE_SECRET } = await makeDevKeys(path.join(REPO, ".dev.vars"));
  const healthUrl = `http://127.0.0.1:${healthPort}/health`;
  const child = new LoggedChild({
    name: "the bridge",
    command: process.execPath,
    args: [path.join(REPO, "bridge/main.ts")],
    env: { ...env, BRIDGE_SECRET, EDGE_URL: edgeUrl, BRIDGE_HEALTH_PORT: `${healthPort}` },
    logFile,
  });
  await child.ready(() => isHealthy(healthUrl));
  return { healthUrl, child };
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(url)).ok;
}

async function isHealthy(url: string): Promise<boolean> {
  const health: unknown = await (await fetch(url)).json();
  return (
    typeof health === "object" && health !== null && Reflect.get(health, "status") === "healthy"
  );
}
