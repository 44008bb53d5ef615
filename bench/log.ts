import { setTimeout as pause } from "node:timers/promises";
import { withSockets, type Arena } from "./arena.ts";
import { greetedSocket } from "./live-socket.ts";
import { measure, median, type Measurement } from "./measure.ts";
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
  const wakes = (conversationId: string) => async () => {
    const times: number[] = [];
    for (let wake = 0; wake < WAKES; wake++) {
      times.push(await wakeMs(arena, conversationId, warmer));
    }
    return median(times);
  };
  // the first start after the filling reads what it left in the write-ahead log
  await wakeMs(arena, long, warmer);
  return [
    await measure(
      `wake → first ack, ${LONG.toLocaleString("en")} events (plain: an empty log)`,
      "ms",
      { plain: { atMost: 1.3 } },
      { plain: wakes(empty), parley: wakes(long) },
      runs,
    ),
    await measure(
      `history page of ${PAGE}, ${LONG.toLocaleString("en")} events (plain: ${SHORT.toLocaleString("en")})`,
      "ms",
      { plain: { atMost: 1.3 } },
      {
        plain: () => pageMs(arena, short, SHORT),
        parley: () => pageMs(arena, long, LONG),
      },
      runs,
    ),
  ];
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

/** Median time of one page by REST, from places all over the log. */
async function pageMs(arena: Arena, conversationId: string, events: number): Promise<number> {
  const headers = { authorization: `Bearer ${await arena.parley.token("founder")}` };
  const times: number[] = [];
  for (let page = 1; page <= PAGES; page++) {
    const beforeSeq = PAGE + 1 + Math.floor(((events - PAGE) * page) / PAGES);
    const url = `${arena.parley.url}/messages?conversationId=${conversationId}&limit=${PAGE}&beforeSeq=${beforeSeq}`;
    const startedAt = performance.now();
    const answer = await fetch(url, { headers });
    const { messages } = ((await answer.json()) as { data: { messages: unknown[] } }).data;
    times.push(performance.now() - startedAt);
    if (messages.length !== PAGE) throw new Error("a page is not full");
  }
  return median(times);
}
