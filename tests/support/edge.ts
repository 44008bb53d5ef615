import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { applyMigrations } from "../../scripts/dev-setup.ts";
import { freePort } from "./free-port.ts";

const REPO = path.resolve(import.meta.dirname, "../..");
const READY_WITHIN_MS = 60_000;
const READY_PAUSE_MS = 100;

/** The whole edge as a developer runs it: `wrangler dev`, with accounts and the web app, on data of its own. */
export interface Edge {
  readonly url: string;
  /** Ends the runtime and brings it back on the same port and data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

export async function startEdge(): Promise<Edge> {
  const state = await mkdtemp(path.join(tmpdir(), "parley-edge-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await applyMigrations(state);
  let child = await startWrangler(url, port, state);
  return {
    url,
    async restart() {
      await end(child);
      child = await startWrangler(url, port, state);
    },
    async stop() {
      await end(child);
      await rm(state, { recursive: true, force: true });
    },
  };
}

async function startWrangler(url: string, port: number, state: string): Promise<ChildProcess> {
  const inspector = await freePort();
  const options = ["--ip", "127.0.0.1", "--port", `${port}`, "--inspector-port", `${inspector}`];
  const child = spawn(
    path.join(REPO, "node_modules/.bin/wrangler"),
    ["dev", ...options, "--persist-to", state, "--log-level", "error"],
    {
      cwd: REPO,
      env: { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  await untilReady(child, url);
  return child;
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`wrangler dev ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, READY_PAUSE_MS));
  }
  await end(child);
  throw new Error("wrangler dev did not answer");
}

/** wrangler ends its workerd itself when it is asked to end. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGINT");
  await once(child, "exit");
}
