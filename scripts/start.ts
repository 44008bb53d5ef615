import path from "node:path";
import { readConfig, type BridgeConfig } from "../bridge/config.ts";
import { freePort } from "../tests/support/free-port.ts";
import { givenTo } from "./command-line.ts";
import { prepareDevelopment } from "./dev-setup.ts";
import { interruption } from "./interruption.ts";
import type { LoggedChild } from "./logged-child.ts";
import { BridgeProcess, EdgeProcess } from "./stack.ts";
import { writeEdgeVariables } from "./start/edge-variables.ts";
import { foldersOf } from "./start/folders.ts";
import { edgePort, healthPort } from "./start/ports.ts";
import { claimData, forgetRun, refuseSecondRun } from "./start/run-file.ts";
import { startTable } from "./start/table.ts";

givenTo({
  name: "npm start",
  does: "Runs everything on this machine until Ctrl-C: the edge with the web app, and the bridge.",
  options: {},
});
const folders = foldersOf(process.env);
const environment = { ...process.env, PARLEY_SINK_DIR: folders.sink };

/** Resolves only when a part ends by itself, with that part. `children` takes the parts as they start. */
async function run(
  port: number,
  config: BridgeConfig,
  children: LoggedChild[],
): Promise<LoggedChild> {
  console.log("starting the edge and the bridge");
  await prepareDevelopment(folders.state);
  const edge = new EdgeProcess({
    port,
    inspectorPort: await freePort(),
    persistTo: folders.state,
    variables: await writeEdgeVariables(environment, folders.edgeVariables),
    logFile: path.join(folders.logs, "edge.log"),
  });
  children.push(edge.child);
  await edge.ready();
  const bridge = await BridgeProcess.launch({
    edgeUrl: edge.url,
    healthPort: await healthPort(environment),
    env: environment,
    logFile: path.join(folders.logs, "bridge.log"),
  });
  children.push(bridge.child);
  const health = await bridge.settled();
  const { url: edgeUrl } = edge;
  console.log(
    `\n${startTable({ edgeUrl, healthUrl: bridge.healthUrl, config, health, folders, environment })}`,
  );
  for (const warning of config.warnings) console.log(`note: ${warning}`);
  console.log("\nCtrl-C stops everything");
  return Promise.race(children.map((child) => child.ended.then(() => child)));
}

async function main(): Promise<number> {
  const interrupted = interruption().then(() => null);
  const config = readConfig({ ...environment, BRIDGE_SECRET: "made below when it is missing" });
  if (!config.ok) throw new Error(config.error);
  await refuseSecondRun(folders.runFile);
  const port = await edgePort(environment);
  const url = `http://127.0.0.1:${port}`;
  await claimData(folders.runFile, { name: "npm start", pid: process.pid, url });
  const children: LoggedChild[] = [];
  try {
    const ended = await Promise.race([run(port, config.value, children), interrupted]);
    if (ended === null) return 0;
    console.error(await ended.lastWords());
    return 1;
  } finally {
    // the bridge first: its acks still reach the edge
    for (const child of children.toReversed()) await child.stop();
    await forgetRun(folders.runFile);
  }
}

// ends here and now: a start that was interrupted halfway must not go on
process.exit(
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }),
);
