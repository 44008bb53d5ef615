import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeDevKeys } from "./dev-keys.ts";

/** Makes what local development needs and a fresh clone lacks: keys, and the tables of the accounts database. */

const REPO = path.resolve(import.meta.dirname, "..");
const MIGRATIONS = path.join(REPO, "migrations/accounts");
const STATE = path.join(REPO, ".wrangler/state");
/** Beside the database it speaks of, so that both go together when somebody deletes the state. */
const STAMP = path.join(STATE, "accounts-migrated");

export async function prepareDevelopment(): Promise<void> {
  await makeDevKeys(path.join(REPO, ".dev.vars"));
  const wanted = await fingerprint();
  const applied = await readFile(STAMP, "utf8").catch(() => "");
  if (applied === wanted) return; // asking wrangler takes seconds, at every rebuild
  await applyMigrations();
  await mkdir(STATE, { recursive: true });
  await writeFile(STAMP, wanted);
}

/** Brings the local accounts database up to date; `persistTo` names another folder than wrangler's own. */
export async function applyMigrations(persistTo?: string): Promise<void> {
  const where = persistTo === undefined ? [] : ["--persist-to", persistTo];
  const args = ["d1", "migrations", "apply", "DB", "--local", ...where];
  const child = spawn(path.join(REPO, "node_modules/.bin/wrangler"), args, {
    cwd: REPO,
    env: { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (data: Buffer) => output.push(data));
  child.stderr.on("data", (data: Buffer) => output.push(data));
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

if (import.meta.main) await prepareDevelopment();
