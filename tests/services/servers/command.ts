import { once } from "node:events";
import { openSync, closeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { logFile, REPO } from "./cache.ts";
import { requireCommand, spawnTied } from "./tied-child.ts";

export interface CommandOptions {
  /** Names the log file that takes the output. */
  log: string;
  cwd?: string;
  env?: Record<string, string>;
}

/** Compiling a server on two slow cores takes some minutes; longer means that it hangs. */
const COMMAND_TIMEOUT_MS = 15 * 60_000;

/** Runs a command to its end and answers its output; throws when it is missing or fails. */
export async function runCommand(
  name: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const command = requireCommand(name);
  const file = await logFile(options.log);
  const output = openSync(file, "w");
  const child = spawnTied(command, args, {
    cwd: options.cwd ?? REPO,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", output, output],
    timeout: COMMAND_TIMEOUT_MS,
  });
  closeSync(output);
  const [code] = await once(child, "exit");
  if (code !== 0) {
    throw new Error(`${path.basename(name)} ${args[0]} failed: see ${path.relative(REPO, file)}`);
  }
  return await readFile(file, "utf8");
}
