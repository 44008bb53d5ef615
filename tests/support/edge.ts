import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { applyMigrations } from "../../scripts/dev-setup.ts";
import { startEdgeProcess } from "../../scripts/stack.ts";
import { freePorts } from "./free-port.ts";

/** The whole edge as a developer runs it: `wrangler dev`, with accounts and the web app, on data of its own. */
export interface Edge {
  readonly url: string;
  /** Ends the runtime and brings it back on the same port and data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

export async function startEdge(): Promise<Edge> {
  const folder = await mkdtemp(path.join(tmpdir(), "parley-edge-"));
  const persistTo = path.join(folder, "state");
  await applyMigrations(persistTo);
  const [port, inspectorPort] = await freePorts();
  const start = async () =>
    startEdgeProcess({
      port,
      inspectorPort,
      persistTo,
      logFile: path.join(folder, "edge.log"),
    });
  let edge = await start();
  return {
    url: edge.url,
    async restart() {
      await edge.child.stop();
      edge = await start();
    },
    async stop() {
      await edge.child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
