import { setTimeout as pause } from "node:timers/promises";
import type { Arena } from "./arena.ts";
import { measurementOf, median, type Measurement } from "./measure.ts";

const LONG = 500;
const SHORT = 20;
const FOUNDED_AT_ONCE = 10;
/** Every Inbox has been told of every message by then. */
const TOLD_MS = 3_000;
/** Lists that are read before any is measured, and lists of which one run takes the median. */
const WARM_UP = 20;
const LISTS = 100;

/** Whether a long list of conversations takes longer than a short one: one request each, whole. */
export async function benchInbox(arena: Arena, runs: number): Promise<Measurement[]> {
  const [long, short] = [await reader(arena, LONG), await reader(arena, SHORT)];
  await pause(TOLD_MS);
  for (let n = 0; n < WARM_UP; n++) for (const one of [long, short]) await listMs(arena, one);
  const whole = { parley: [] as number[], plain: [] as number[] };
  const known = { parley: [] as number[], plain: [] as number[] };
  for (let run = 0; run < runs; run++) {
    whole.parley.push(await medianOf(() => listMs(arena, long)));
    whole.plain.push(await medianOf(() => listMs(arena, short)));
    known.parley.push(await medianOf(() => listMs(arena, long, { isKnown: true })));
    known.plain.push(await medianOf(() => listMs(arena, short)));
  }
  const target = { plain: { atMost: 1.5 } };
  return [
    measurementOf(`list of ${LONG} conversations (plain: of ${SHORT})`, "ms", target, whole),
    measurementOf(
      `the same when the client has it already (plain: ${SHORT}, whole)`,
      "ms",
      target,
      known,
    ),
  ];
}

interface Reader {
  count: number;
  headers: Record<string, string>;
  tag: string;
}

/** Somebody with as many conversations, each with a message. */
async function reader(arena: Arena, count: number): Promise<Reader> {
  const userId = `reader-${crypto.randomUUID()}`;
  const headers = { authorization: `Bearer ${await arena.parley.token(userId)}` };
  for (let from = 0; from < count; from += FOUNDED_AT_ONCE) {
    const some = Math.min(FOUNDED_AT_ONCE, count - from);
    await Promise.all(Array.from({ length: some }, () => conversation(arena, userId, headers)));
  }
  return { count, headers, tag: "" };
}

async function conversation(
  arena: Arena,
  userId: string,
  headers: Record<string, string>,
): Promise<void> {
  const conversationId = await arena.parley.group([userId, "somebody"]);
  const content = "a message of some length, as people write them to each other all day";
  const answer = await fetch(`${arena.parley.url}/messages`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ conversationId, content }),
  });
  if (answer.status !== 201) throw new Error(`a message was answered with ${answer.status}`);
}

async function medianOf(sample: () => Promise<number>): Promise<number> {
  const samples: number[] = [];
  for (let n = 0; n < LISTS; n++) samples.push(await sample());
  return median(samples);
}

/** From the request to the last byte of the whole list, in ms. */
async function listMs(
  arena: Arena,
  one: Reader,
  { isKnown = false }: { isKnown?: boolean } = {},
): Promise<number> {
  const startedAt = performance.now();
  const answer = await fetch(`${arena.parley.url}/conversations?limit=${one.count}`, {
    headers: { ...one.headers, ...(isKnown ? { "if-none-match": one.tag } : {}) },
  });
  const text = await answer.text();
  const endedAt = performance.now();
  if (answer.status !== (isKnown ? 304 : 200)) throw new Error(`answered with ${answer.status}`);
  if (!isKnown) check(one, text);
  one.tag = answer.headers.get("etag") ?? "";
  return endedAt - startedAt;
}

function check({ count }: Reader, text: string): void {
  const { data } = JSON.parse(text) as { data: { conversations: { lastSeq: number }[] } };
  const told = data.conversations.filter(({ lastSeq }) => lastSeq === 1);
  if (told.length !== count) throw new Error(`${told.length} of ${count} conversations are listed`);
}
