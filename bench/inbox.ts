import { setTimeout as pause } from "node:timers/promises";
import type { Arena } from "./arena.ts";
import { measurementOf, median, type Measurement } from "./measure.ts";

const LONG = 500;
const SHORT = 20;
const FOUNDED_AT_ONCE = 10;
/** Every Inbox has been told of every message by then. */
const TOLD_MS = 3_000;
/** Of each kind, before any is measured: until then client and worker become faster with every list they have seen. */
const WARM_UP = 200;
/** Lists of which one run takes the median. */
const LISTS = 100;

/** Whether a long list of conversations takes longer than a short one: one request each, whole. */
export async function benchInbox(arena: Arena, runs: number): Promise<Measurement[]> {
  const [long, short] = [await Reader.open(arena, LONG), await Reader.open(arena, SHORT)];
  await pause(TOLD_MS);
  const whole = new Way(() => long.wholeMs());
  const changed = new Way(() => long.changedMs());
  const known = new Way(() => long.knownMs());
  const plain = new Way(() => short.wholeMs());
  const raw = new Way(() => bytesMs(arena, long.bytes));
  const ways = [whole, changed, known, plain, raw];
  for (let n = 0; n < WARM_UP; n++) for (const way of ways) await way.sample();
  for (let run = 0; run < runs; run++) for (const way of ways) await way.measure();
  const target = { plain: { atMost: 1.5 } };
  const row = (name: string, way: Way) =>
    measurementOf(name, "ms", target, {
      parley: way.medians,
      raw: raw.medians,
      plain: plain.medians,
    });
  return [
    row(`list of ${LONG} (raw: as many bytes of an empty worker; plain: list of ${SHORT})`, whole),
    row("the same after a change", changed),
    row("the same when the client has it already", known),
  ];
}

/** A way to get a list, and the median of each run. */
class Way {
  readonly sample: () => Promise<number>;
  readonly medians: number[] = [];

  constructor(sample: () => Promise<number>) {
    this.sample = sample;
  }

  async measure(): Promise<void> {
    const samples: number[] = [];
    for (let n = 0; n < LISTS; n++) samples.push(await this.sample());
    this.medians.push(median(samples));
  }
}

/** Somebody with as many conversations, each with a message. */
class Reader {
  readonly #arena: Arena;
  readonly #count: number;
  readonly #headers: Record<string, string>;
  #tag = "";
  #isMuted = false;
  #changing = "";
  /** Of the last list. */
  bytes = 0;

  private constructor(arena: Arena, count: number, headers: Record<string, string>) {
    this.#arena = arena;
    this.#count = count;
    this.#headers = headers;
  }

  static async open(arena: Arena, count: number): Promise<Reader> {
    const userId = `reader-${crypto.randomUUID()}`;
    const headers = { authorization: `Bearer ${await arena.parley.token(userId)}` };
    const reader = new Reader(arena, count, headers);
    for (let from = 0; from < count; from += FOUNDED_AT_ONCE) {
      const some = Math.min(FOUNDED_AT_ONCE, count - from);
      await Promise.all(Array.from({ length: some }, () => reader.#found(userId)));
    }
    return reader;
  }

  async wholeMs(): Promise<number> {
    const { status, text, ms } = await this.#list();
    if (status !== 200) throw new Error(`answered with ${status}`);
    this.#check(text);
    return ms;
  }

  /** After one of the conversations has become another one in the list. */
  async changedMs(): Promise<number> {
    const before = this.#tag;
    this.#isMuted = !this.#isMuted;
    const path = `conversations/${this.#changing}/preferences`;
    await this.#send("PUT", path, { muted: this.#isMuted });
    const ms = await this.wholeMs();
    if (this.#tag === before) throw new Error("the list has not changed");
    return ms;
  }

  async knownMs(): Promise<number> {
    const { status, ms } = await this.#list({ "if-none-match": this.#tag });
    if (status !== 304) throw new Error(`answered with ${status}`);
    return ms;
  }

  async #list(headers: Record<string, string> = {}) {
    const url = `${this.#arena.parley.url}/conversations?limit=${this.#count}`;
    const answer = await timed(url, { ...this.#headers, ...headers });
    this.#tag = answer.headers.get("etag") ?? "";
    return answer;
  }

  /** Without parsing: what that leaves behind would be swept up while the next list is on its way. */
  #check(text: string): void {
    const told = text.split('"lastSeq":1,').length - 1;
    if (told !== this.#count) throw new Error(`${told} of ${this.#count} conversations are listed`);
    this.bytes = Buffer.byteLength(text);
  }

  async #found(userId: string): Promise<void> {
    const conversationId = await this.#arena.parley.group([userId, "somebody"]);
    const content = "a message of some length, as people write them to each other all day";
    await this.#send("POST", "messages", { conversationId, content });
    this.#changing = conversationId;
  }

  async #send(method: string, path: string, body: object): Promise<void> {
    const answer = await fetch(`${this.#arena.parley.url}/${path}`, {
      method,
      headers: { ...this.#headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}`);
    await answer.arrayBuffer(); // what is left unread would come in the way of the next one
  }
}

async function bytesMs(arena: Arena, count: number): Promise<number> {
  const { text, ms } = await timed(arena.baselineBytes(count));
  if (text.length !== count) throw new Error(`${text.length} of ${count} bytes came`);
  return ms;
}

/** From the request to the last character of the answer, in ms. */
async function timed(url: string, headers: Record<string, string> = {}) {
  const startedAt = performance.now();
  const answer = await fetch(url, { headers });
  const text = await answer.text();
  const ms = performance.now() - startedAt;
  return { status: answer.status, headers: answer.headers, text, ms };
}
