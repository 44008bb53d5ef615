import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { spawnTied } from "../tests/services/servers/tied-child.ts";
import { makeDevKeys } from "./dev-keys.ts";
import { foldersOf } from "./start/folders.ts";
import { refuseSecondRun } from "./start/run-file.ts";
import { WRANGLER_PROGRAM } from "./wrangler-program.ts";

/** Makes what local development needs and a fresh clone lacks: keys, and the tables of the accounts database. */

const REPO = path.resolve(import.meta.dirname, "..");
const MIGRATIONS = path.join(REPO, "migrations/accounts");
/** Where wrangler keeps accounts and objects when it is told nothing else. */
const STATE = path.join(REPO, ".wrangler/state");

/** `state` names another folder for accounts and objects than wrangler's own. */
export async function prepareDevelopment(state = STATE): Promise<void> {
  await makeDevKeys(path.join(REPO, ".dev.vars"));
  // beside the database it speaks of, so that both go together when somebody deletes the state
  const stamp = path.join(state, "accounts-migrated");
  const wanted = await fingerprint();
  const applied = await readFile(stamp, "utf8").catch(() => "");
  if (applied === wanted) return; // asking wrangler takes seconds, at every rebuild
  await applyMigrations(state);
  await mkdir(state, { recursive: true });
  await writeFile(stamp, wanted);
}

/** Brings the accounts database in `state` up to date. */
export async function applyMigrations(state: string): Promise<void> {
  const args = ["d1", "migrations", "apply", "DB", "--local", "--persist-to", state];
  const child = spawnTied(process.execPath, [...WRANGLER_PROGRAM, ...args], {
    endSignal: "SIGTERM",
    cwd: REPO,
    env: { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: Buffer[] = [];
  child.stdout?.on("data", (data: Buffer) => output.push(data));
  child.stderr?.on("data", (data: Buffer) => output.push(data));
  const [code] = await once(child, "close");
  if (code === 0) return;
  throw new Error(`the migrations of the accounts failed:\n${Buffer.concat(output).toString()}`);
}

async function fingerprint(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(MIGRATIONS)).toSorted()) {
    hash.update(name).update(await readFile(path.join(MIGRATIONS, name)));
  }
  return hash.digest("hex");
}

if (import.meta.main) {
  try {
    const { state, runFile } = foldersOf(process.env);
    await refuseSecondRun(runFile); // it may be using the tables
    await prepareDevelopment(state);
    const shown = path.relative(process.cwd(), state);
    console.log(`keys are in .dev.vars, and the tables of the accounts in ${shown}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
