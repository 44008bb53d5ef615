import { setTimeout as pause } from "node:timers/promises";
import type { ParleyWorkerd } from "../support/parley-workerd.ts";
import { Participant } from "../support/participant.ts";

export interface LoadOptions {
  conversations: number;
  /** Messages in all. */
  perSecond: number;
}

/** Times from when a message was due, ms: late sends count as slow ones. */
export interface Times {
  acked: number[];
  delivered: number[];
}

interface Pair {
  conversationId: string;
  writer: Participant;
  reader: Participant;
}

/** Live chat at a steady pace: in each conversation one person writes and another one reads. */
export class Load {
  readonly #pairs: Pair[];
  readonly #perSecond: number;
  #times: Times = { acked: [], delivered: [] };
  #sent = 0;
  #isOver = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(pairs: Pair[], perSecond: number) {
    this.#pairs = pairs;
    this.#perSecond = perSecond;
    for (const { reader } of pairs) {
      reader.session.on("events", (events) => {
        for (const event of events) if (event.type === "message") this.#seen(event.message.content);
      });
    }
  }

  static async start(parley: ParleyWorkerd, options: LoadOptions): Promise<Load> {
    const numbers = Array.from({ length: options.conversations }, (_, n) => n);
    const pairs = await Promise.all(
      numbers.map(async (n) => {
        const [writes, reads] = [`writer-${n}`, `reader-${n}`];
        const conversationId = await parley.group([writes, reads]);
        const writer = new Participant(parley, conversationId, writes);
        return { conversationId, writer, reader: new Participant(parley, conversationId, reads) };
      }),
    );
    const load = new Load(pairs, options.perSecond);
    load.#running = load.#run();
    return load;
  }

  get conversationIds(): string[] {
    return this.#pairs.map(({ conversationId }) => conversationId);
  }

  get sent(): number {
    return this.#sent;
  }

  /** Times of the messages since the last call. */
  takeTimes(): Times {
    const times = this.#times;
    this.#times = { acked: [], delivered: [] };
    return times;
  }

  /** Resolves once everything that was sent is acked. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    for (const { writer, reader } of this.#pairs) {
      writer.close();
      reader.close();
    }
  }

  async #run(): Promise<void> {
    const startedAt = performance.now();
    const sends = new Set<Promise<void>>();
    while (!this.#isOver) {
      const dueAt = startedAt + (this.#sent * 1_000) / this.#perSecond;
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) await pause(waitMs);
      const send = this.#send(this.#sent++, dueAt);
      sends.add(send);
      // one that failed stays, and whoever waits for all of them sees it
      void send.then(
        () => sends.delete(send),
        () => undefined,
      );
    }
    await Promise.all(sends);
  }

  async #send(n: number, dueAt: number): Promise<void> {
    const pair = this.#pairs[n % this.#pairs.length];
    if (pair === undefined) throw new Error("there are conversations");
    await pair.writer.send(String(dueAt), `k${n}`);
    this.#times.acked.push(performance.now() - dueAt);
    // neither is looked at here, and both would grow for as long as the load goes on
    pair.writer.acked.clear();
    pair.writer.seen.length = 0;
    pair.reader.seen.length = 0;
  }

  #seen(content: string): void {
    this.#times.delivered.push(performance.now() - Number(content));
  }
}
