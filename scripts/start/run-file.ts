import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";

const runSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ pid: v.pipe(v.number(), v.integer(), v.minValue(1)), url: v.string() }),
);
export type Run = v.InferOutput<typeof runSchema>;

/** Throws when another start runs on these data: two runtimes on the same databases would destroy them. */
export async function refuseSecondRun(runFile: string): Promise<void> {
  const parsed = v.safeParse(runSchema, await readFile(runFile, "utf8").catch(() => ""));
  if (!parsed.success || !isAlive(parsed.output.pid)) return;
  const { pid, url } = parsed.output;
  throw new Error(
    `Parley runs already: ${url} (process ${pid}). Stop that one with Ctrl-C, or start another on data of its own ` +
      `with PARLEY_DATA_DIR=… PORT=…. If process ${pid} is something else, delete ${runFile}`,
  );
}

export async function noteRun(runFile: string, run: Run): Promise<void> {
  await mkdir(path.dirname(runFile), { recursive: true });
  await writeFile(runFile, JSON.stringify(run));
}

export async function forgetRun(runFile: string): Promise<void> {
  await rm(runFile, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0); // signal 0 only asks
  } catch {
    return false;
  }
}
