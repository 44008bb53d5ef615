import { setTimeout as pause } from "node:timers/promises";
import { withSockets, type Arena } from "./arena.ts";
import { greetedSocket } from "./live-socket.ts";
import { measurementOf, median, type Measurement } from "./measure.ts";
import { ackedPerSecond, sendText } from "./writing.ts";

const LONG = 1_000_000;
const SHORT = 1_000;
const PAGE = 50;
/** What its filling leaves undone is a second's: receipts are stored by then, and no object sleeps before. */
const SETTLED_MS = 2_000;
/** Wakes, and pages, of which one run takes the median. */
const WAKES = 5;
const PAGES = 100;
const FILL_WINDOW = 512;

/** Whether a log of a million events makes anything slower: the wake of its object, and a page out of its middle. */
export async function benchLog(arena: Arena, runs: number): Promise<Measurement[]> {
  const [long, short, empty, warmer] = await Promise.all([
    filledGroup(arena, LONG),
    filledGroup(arena, SHORT),
    arena.parley.group(["founder"]),
    arena.parley.group(["founder"]),
  ]);
  await pause(SETTLED_MS);
  // what the filling left in the write-ahead log would be read by every start, and an object that sleeps stays open:
  // the first of these takes it into the database, the next ones start a new log
  for (let n = 0; n < 3; n++) await firstAckMs(arena, long);
  const wakes = { parley: [] as number[], plain: [] as number[] };
  const pages = { parley: [] as number[], plain: [] as number[] };
  for (let run = 0; run < runs; run++) {
    await inTurn(WAKES, wakes, {
      parley: () => wakeMs(arena, long, warmer),
      plain: () => wakeMs(arena, empty, warmer),
    });
    const headers = { authorization: `Bearer ${await arena.parley.token("founder")}` };
    await inTurn(PAGES, pages, {
      parley: (n) => pageMs(arena, long, placeIn(LONG, n), headers),
      plain: (n) => pageMs(arena, short, placeIn(SHORT, n), headers),
    });
  }
  return [
    measurementOf(
      `wake → first ack, ${LONG.toLocaleString("en")} events (plain: an empty log)`,
      "ms",
      { plain: { atMost: 1.3 } },
      wakes,
    ),
    measurementOf(
      `history page of ${PAGE}, ${LONG.toLocaleString("en")} events (plain: ${SHORT.toLocaleString("en")})`,
      "ms",
      { plain: { atMost: 1.3 } },
      pages,
    ),
  ];
}

/** Takes turns after each sample, and adds the medians of both. */
async function inTurn(
  times: number,
  medians: Record<"parley" | "plain", number[]>,
  sample: Record<"parley" | "plain", (n: number) => Promise<number>>,
): Promise<void> {
  const samples = { parley: [] as number[], plain: [] as number[] };
  for (let n = 0; n < times; n++) {
    samples.plain.push(await sample.plain(n));
    samples.parley.push(await sample.parley(n));
  }
  medians.plain.push(median(samples.plain));
  medians.parley.push(median(samples.parley));
}

async function filledGroup(arena: Arena, events: number): Promise<string> {
  const conversationId = await arena.parley.group(["founder"]);
  await withSockets(
    () => arena.liveSockets(conversationId, ["founder"]),
    ([writer]) => ackedPerSecond(writer, FILL_WINDOW, events),
  );
  return conversationId;
}

/** A runtime that has just started and served somebody else: from connect to the ack of the first message, in ms. */
async function wakeMs(arena: Arena, conversationId: string, warmer: string): Promise<number> {
  await arena.parley.workerd.restart();
  await firstAckMs(arena, warmer);
  return firstAckMs(arena, conversationId);
}

async function firstAckMs(arena: Arena, conversationId: string): Promise<number> {
  const token = await arena.parley.token("founder");
  const startedAt = performance.now();
  const { socket } = await greetedSocket(arena.parley.url, conversationId, token, { last: 0 });
  const acked = socket.textWith('"type":"ack"');
  socket.send(sendText(0).replace('"k0"', `"${crypto.randomUUID()}"`));
  await acked;
  const endedAt = performance.now();
  socket.destroy();
  return endedAt - startedAt;
}

/** One of the places all over a log, each with a whole page before it. */
function placeIn(events: number, n: number): number {
  return PAGE + 1 + Math.floor(((events - PAGE) * n) / PAGES);
}

/** One page by REST, in ms. */
async function pageMs(
  arena: Arena,
  conversationId: string,
  beforeSeq: number,
  headers: Record<string, string>,
): Promise<number> {
  const query = `conversationId=${conversationId}&limit=${PAGE}&beforeSeq=${beforeSeq}`;
  const startedAt = performance.now();
  const answer = await fetch(`${arena.parley.url}/messages?${query}`, { headers });
  const { messages } = ((await answer.json()) as { data: { messages: unknown[] } }).data;
  const endedAt = performance.now();
  if (messages.length !== PAGE) throw new Error("a page is not full");
  return endedAt - startedAt;
}
