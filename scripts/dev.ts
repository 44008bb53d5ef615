import { once } from "node:events";
import { parseArgs } from "node:util";
import { REPO } from "../tests/services/servers/cache.ts";
import { spawnTied } from "../tests/services/servers/tied-child.ts";
import { prepareDevelopment } from "./dev-setup.ts";
import { interruption } from "./interruption.ts";
import { foldersOf } from "./start/folders.ts";
import { edgePort, usablePort } from "./start/ports.ts";
import { claimData, forgetRun, refuseSecondRun } from "./start/run-file.ts";
import { WRANGLER_PROGRAM } from "./wrangler-program.ts";

/**
 * The edge alone, in `wrangler dev`, on the data of `npm start`: whichever of the two comes second is refused. Further
 * arguments go to wrangler.
 */

const { state, runFile } = foldersOf(process.env);

async function main(): Promise<number> {
  const interrupted = interruption();
  const args = process.argv.slice(2);
  const { values } = parseArgs({ args, strict: false, options: { port: { type: "string" } } });
  await refuseSecondRun(runFile);
  const port = await (typeof values.port === "string"
    ? usablePort("--port", values.port)
    : edgePort(process.env));
  const url = `http://127.0.0.1:${port}`;
  await claimData(runFile, { name: "npm run dev", pid: process.pid, url });
  try {
    await prepareDevelopment(state);
    const where = values.port === undefined ? ["--port", `${port}`] : []; // else it is in `args`
    const own = ["--ip", "127.0.0.1", "--persist-to", state, ...where];
    const wrangler = spawnTied(process.execPath, [...WRANGLER_PROGRAM, "dev", ...own, ...args], {
      endSignal: "SIGTERM",
      cwd: REPO,
      stdio: "inherit",
    });
    const ended = once(wrangler, "exit");
    void interrupted.then(() => wrangler.kill("SIGINT")); // cannot fail
    const [code] = await ended;
    return typeof code === "number" ? code : 1;
  } finally {
    await forgetRun(runFile);
  }
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }),
);
