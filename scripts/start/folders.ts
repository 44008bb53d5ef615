import path from "node:path";
import { REPO } from "../../tests/services/servers/cache.ts";

/** Where a start keeps its data. `PARLEY_DATA_DIR` moves all of it, e.g. for a second start beside the first. */
export interface Folders {
  /** Accounts and objects. */
  state: string;
  sink: string;
  logs: string;
  /** Variables of the edge that come from the environment. */
  edgeVariables: string;
  /** Tells a second start of the first one. */
  runFile: string;
}

export function foldersOf(environment: NodeJS.Dict<string>): Folders {
  const { PARLEY_DATA_DIR, PARLEY_SINK_DIR } = environment;
  const own = PARLEY_DATA_DIR === undefined || PARLEY_DATA_DIR === "" ? null : PARLEY_DATA_DIR;
  const data = path.resolve(REPO, own ?? ".parley");
  return {
    state: own === null ? path.join(REPO, ".wrangler/state") : path.join(data, "state"),
    sink: path.resolve(REPO, PARLEY_SINK_DIR || path.join(data, "sink")),
    logs: path.join(data, "logs"),
    edgeVariables: path.join(data, "edge.env"),
    runFile: path.join(data, "running.json"),
  };
}
