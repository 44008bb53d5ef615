import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { lifeOf } from "./process-life.ts";

const runSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    /** As people call it. */
    name: v.string(),
    pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
    /** Tells the process from a later one of the same pid, where that can be told. */
    life: v.nullable(v.string()),
    url: v.string(),
  }),
);
type NotedRun = v.InferOutput<typeof runSchema>;
export type Run = Omit<NotedRun, "life">;

/** Throws when another program runs on these data: two runtimes on the same databases would destroy them. */
export async function refuseSecondRun(runFile: string): Promise<void> {
  const running = await runningIn(runFile);
  if (running === null) return;
  const { name, pid, url } = running;
  throw new Error(
    `Parley runs already: ${url} (${name}, process ${pid}). Stop that one with Ctrl-C, or start another on data of its ` +
      `own with PARLEY_DATA_DIR=… PORT=…. If process ${pid} is something else, delete ${runFile}`,
  );
}

/** Notes who runs on these data from now on; throws as above, also when two come at once. */
export async function claimData(runFile: string, run: Run): Promise<void> {
  await mkdir(path.dirname(runFile), { recursive: true });
  const draft = `${runFile}.${randomUUID()}`;
  const life = await lifeOf(run.pid);
  await writeFile(draft, JSON.stringify({ ...run, life } satisfies NotedRun));
  try {
    // a link comes whole and only where there is none: nobody reads half a note, or writes over one
    await link(draft, runFile).catch(async () => {
      await refuseSecondRun(runFile);
      await rm(runFile, { force: true }); // what one that is dead has left behind
      await link(draft, runFile);
    });
  } finally {
    await rm(draft);
  }
}

export async function forgetRun(runFile: string): Promise<void> {
  await rm(runFile, { force: true });
}

async function runningIn(runFile: string): Promise<NotedRun | null> {
  const parsed = v.safeParse(runSchema, await readFile(runFile, "utf8").catch(() => ""));
  if (!parsed.success || !isAlive(parsed.output.pid)) return null;
  const { pid, life } = parsed.output;
  return life === (await lifeOf(pid)) ? parsed.output : null;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0); // signal 0 only asks
  } catch {
    return false;
  }
}
