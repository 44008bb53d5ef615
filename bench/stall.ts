import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { withSockets, type Arena } from "./arena.ts";
import { readMissed } from "./event-log.ts";
import { measurementOf, percentile, type Measurement } from "./measure.ts";
import { MIB } from "./memory.ts";
import { Rounds } from "./rounds.ts";
import { StalledReader } from "./stalled-reader.ts";

const READERS = 1_000;
/** Large enough that a stalled reader falls behind by what is allowed within some dozen. */
const CONTENT = "x".repeat(16_384);
const WARM_UP = 50;
/** The reader is cut after some 70 of them. */
const ROUNDS = 300;
/** How far memory may move once the stalled reader is cut: the runtime collects its garbage when it likes. */
const FLAT_MIB = 32;

/** A thousand readers, one of whom stops reading. */
export async function benchStall(arena: Arena, runs: number): Promise<Measurement[]> {
  const p99 = { without: [] as number[], with: [] as number[] };
  const growth = { without: [] as number[], with: [] as number[] };
  for (let run = 0; run < runs; run++) {
    for (const arm of ["without", "with"] as const) {
      await arena.parley.workerd.restart();
      const played = await play(arena, arm === "with");
      p99[arm].push(played.p99);
      growth[arm].push(played.growthMiB);
    }
  }
  return [
    measurementOf(
      `send → delivery p99 to ${READERS} readers, one of whom stalls (plain: nobody stalls)`,
      "ms",
      { plain: { atMost: 1.2 } },
      { parley: p99.with, plain: p99.without },
    ),
    measurementOf(
      "change of memory after the stalled reader is cut (plain: over the same run, nobody stalls)",
      "MiB",
      { value: { atMost: FLAT_MIB } },
      { parley: growth.with, plain: growth.without },
    ),
  ];
}

async function play(arena: Arena, stalls: boolean): Promise<{ p99: number; growthMiB: number }> {
  const users = ["founder", "reader", "sleeper"];
  const conversationId = await arena.parley.group(users);
  const sockets = Array.from({ length: READERS }, (_, n) => users[Math.min(n, 1)] ?? "");
  const { workerd } = arena.parley;
  return withSockets(
    () => arena.liveSockets(conversationId, [...sockets, "sleeper"]),
    async (live) => {
      const [writer, ...readers] = live;
      const sleeper = readers.pop();
      if (writer === undefined || sleeper === undefined) throw new Error("nobody is there");
      const rounds = new Rounds(writer, readers, CONTENT);
      await rounds.warmUp(WARM_UP);
      const stalled = stalls ? new StalledReader(sleeper) : null;
      let cutAt: number | null = null;
      for (let n = 0; n < ROUNDS; n++) {
        await rounds.run();
        if (n === ROUNDS / 3) cutAt = await workerd.residentBytes();
      }
      const growthMiB = ((await workerd.residentBytes()) - (cutAt ?? 0)) / MIB;
      if (stalled !== null) await comeBack(arena, conversationId, stalled, rounds.count);
      return { p99: percentile(rounds.times, 0.99), growthMiB };
    },
  );
}

/** The stalled reader must have been cut, and must miss nothing afterwards. */
async function comeBack(
  arena: Arena,
  conversationId: string,
  stalled: StalledReader,
  head: number,
): Promise<void> {
  const { code, seq } = await stalled.readOn();
  if (code !== CLOSE_CODES.slowConsumer || seq >= head) {
    throw new Error(`the stalled reader got ${code} and read up to ${seq} of ${head}`);
  }
  const token = await arena.parley.token("sleeper");
  const missed = await readMissed(arena.parley.url, conversationId, token, seq);
  if (missed.seq !== head) throw new Error(`${missed.seq} came instead of ${head}`);
}
