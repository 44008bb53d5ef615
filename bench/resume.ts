import { LIMITS } from "../protocol/limits.ts";
import { withSockets, type Arena } from "./arena.ts";
import { readMissed } from "./event-log.ts";
import { measurementOf, type Measurement } from "./measure.ts";
import { MemoryWatch, MIB } from "./memory.ts";
import { ackedPerSecond } from "./writing.ts";

const MISSED = 10_000;
/** Three bytes a character, as Chinese and Hindi take: the largest frames for a bound that counts characters. */
const CONTENT = "漢".repeat(500);
const FILL_WINDOW = 64;
/** The runtime lets its heap grow before it collects; from some fifty resumes on it stays where it is. */
const WARM_UP = 60;
/** Resumes one after the other, of 16 MB each: what each one keeps would add up. */
const RESUMES = 40;
const FLAT_MIB = 32;

/** A reader comes back who has missed ten thousand events. */
export async function benchResume(arena: Arena, runs: number): Promise<Measurement[]> {
  const { workerd } = arena.parley;
  const conversationId = await arena.parley.group(["founder", "reader"]);
  await withSockets(
    () => arena.liveSockets(conversationId, ["founder"]),
    ([writer]) => ackedPerSecond(writer, FILL_WINDOW, MISSED, { content: CONTENT }),
  );
  const largest: number[] = [];
  const times: number[] = [];
  const memory = { before: [] as number[], during: [] as number[], after: [] as number[] };
  for (let run = 0; run < runs; run++) {
    await workerd.restart();
    for (let n = 0; n < WARM_UP; n++) await resume(arena, conversationId);
    memory.before.push((await workerd.residentBytes()) / MIB);
    const watch = new MemoryWatch(workerd);
    const resumes = [];
    for (let n = 0; n < RESUMES; n++) resumes.push(await resume(arena, conversationId));
    memory.during.push((await watch.stop()) / MIB);
    memory.after.push((await workerd.residentBytes()) / MIB);
    largest.push(Math.max(...resumes.map(({ largestBytes }) => largestBytes)));
    times.push(...resumes.map(({ ms }) => ms));
  }
  const what = `resume of ${MISSED.toLocaleString("en")} events`;
  const growth = memory.during.map((most, run) => most - (memory.before[run] ?? 0));
  return [
    measurementOf(
      `${what}, largest frame`,
      "bytes",
      { value: { atMost: LIMITS.serverFrameBytes } },
      { parley: largest },
    ),
    measurementOf(`${what}, time`, "ms", {}, { parley: times }),
    measurementOf(
      `${what}, memory at most during ${RESUMES} of them (plain: before)`,
      "MiB",
      {},
      { parley: memory.during, plain: memory.before },
    ),
    measurementOf(
      `${what}, memory after ${RESUMES} of them (plain: before)`,
      "MiB",
      {},
      { parley: memory.after, plain: memory.before },
    ),
    measurementOf(
      `${what}, rise of memory during ${RESUMES} of them`,
      "MiB",
      { value: { atMost: FLAT_MIB } },
      { parley: growth },
    ),
  ];
}

async function resume(
  arena: Arena,
  conversationId: string,
): Promise<{ ms: number; largestBytes: number }> {
  const token = await arena.parley.token("reader");
  const startedAt = performance.now();
  const { seq, largestBytes } = await readMissed(arena.parley.url, conversationId, token, 0);
  const ms = performance.now() - startedAt;
  if (seq !== MISSED) throw new Error(`${seq} events came instead of ${MISSED}`);
  return { ms, largestBytes };
}
