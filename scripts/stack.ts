import path from "node:path";
import * as v from "valibot";
import { REPO } from "../tests/services/servers/cache.ts";
import { BRIDGE_PROGRAM } from "./bridge-program.ts";
import { makeDevKeys } from "./dev-keys.ts";
import { LoggedChild } from "./logged-child.ts";
import { WRANGLER_PROGRAM } from "./wrangler-program.ts";

export interface EdgeOptions {
  port: number;
  inspectorPort: number;
  /** Where accounts and objects are kept; wrangler's own folder by default. */
  persistTo?: string;
  /** Variables beside those of .dev.vars, as a file of lines `NAME=value`. */
  variables?: string | null;
  logFile: string;
}

export interface BridgeOptions {
  edgeUrl: string;
  healthPort: number;
  /** Names Kafka and MongoDB, or the folder of the embedded sink. */
  env: NodeJS.Dict<string>;
  logFile: string;
}

/** What the bridge says of itself. A sink that is `degraded` is tried again for as long as it takes. */
const bridgeHealthSchema = v.object({
  status: v.picklist(["healthy", "degraded"]),
  sinks: v.record(v.string(), v.object({ status: v.string(), reason: v.nullish(v.string()) })),
});
export type BridgeHealth = v.InferOutput<typeof bridgeHealthSchema>;

const problemSchema = v.object({ detail: v.string() });

/** The edge under `wrangler dev`, with the web app. */
export class EdgeProcess {
  readonly url: string;
  readonly child: LoggedChild;

  constructor({ port, inspectorPort, persistTo, variables, logFile }: EdgeOptions) {
    this.url = `http://127.0.0.1:${port}`;
    const ports = ["--port", `${port}`, "--inspector-port", `${inspectorPort}`];
    const state = persistTo === undefined ? [] : ["--persist-to", persistTo];
    // a file that is named replaces .dev.vars, unless that is named too
    const files = variables == null ? [] : ["--env-file", ".dev.vars", "--env-file", variables];
    this.child = new LoggedChild({
      name: "the edge",
      command: process.execPath,
      args: [...WRANGLER_PROGRAM, "dev", "--ip", "127.0.0.1", ...ports, ...state, ...files],
      env: { CI: "1", WRANGLER_SEND_METRICS: "false" },
      logFile,
    });
  }

  /** Rejects with words for the person who has to mend it. */
  async ready(): Promise<void> {
    const refusal = await this.child.until(async () => {
      const response = await fetch(`${this.url}/health`);
      if (response.ok) return "";
      // an answer that says why it will not serve is final, e.g. when a secret is missing or wrong
      const problem = v.safeParse(problemSchema, await response.json());
      return problem.success ? problem.output.detail : null;
    });
    if (refusal !== "") throw new Error(`the edge cannot serve: ${refusal}`);
  }
}

/** The bridge of a local edge. */
export class BridgeProcess {
  readonly healthUrl: string;
  readonly child: LoggedChild;

  private constructor(healthUrl: string, child: LoggedChild) {
    this.healthUrl = healthUrl;
    this.child = child;
  }

  static async launch(options: BridgeOptions): Promise<BridgeProcess> {
    const { edgeUrl, healthPort, env, logFile } = options;
    const { BRIDGE_SECRET } = await makeDevKeys(path.join(REPO, ".dev.vars"));
    const child = new LoggedChild({
      name: "the bridge",
      command: process.execPath,
      args: BRIDGE_PROGRAM,
      env: { ...env, BRIDGE_SECRET, EDGE_URL: edgeUrl, BRIDGE_HEALTH_PORT: `${healthPort}` },
      logFile,
    });
    return new BridgeProcess(`http://127.0.0.1:${healthPort}/health`, child);
  }

  /** Resolves when every event has its way to the sinks. */
  async ready(): Promise<void> {
    await this.child.until(async () => ((await this.#health()).status === "healthy" ? true : null));
  }

  /** Resolves when that is so, or when it is known which sinks stand in the way. */
  async settled(): Promise<BridgeHealth> {
    return this.child.until(async () => {
      const health = await this.#health();
      const statuses = Object.values(health.sinks).map(({ status }) => status);
      const isKnown = !statuses.includes("starting") && statuses.includes("degraded");
      return health.status === "healthy" || isKnown ? health : null;
    });
  }

  async #health(): Promise<BridgeHealth> {
    const response = await fetch(this.healthUrl);
    return v.parse(bridgeHealthSchema, await response.json());
  }
}

/** An edge that is ready; one that does not get there is stopped. */
export async function startEdgeProcess(options: EdgeOptions): Promise<EdgeProcess> {
  const edge = new EdgeProcess(options);
  await orStop(edge);
  return edge;
}

/** A bridge that is ready; one that does not get there is stopped. */
export async function startBridgeProcess(options: BridgeOptions): Promise<BridgeProcess> {
  const bridge = await BridgeProcess.launch(options);
  await orStop(bridge);
  return bridge;
}

async function orStop(started: EdgeProcess | BridgeProcess): Promise<void> {
  try {
    await started.ready();
  } catch (error) {
    await started.child.stop();
    throw error;
  }
}
