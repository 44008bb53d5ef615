import type { ArchiveBatch } from "../core/archive-writes.ts";
import { BridgeWindow, type LinkId, type WindowBounds } from "../core/bridge-window.ts";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import type { Edge } from "./edge.ts";
import { reasonOf, type Log } from "./log.ts";
import { retry } from "./retry.ts";
import { creditText, readShardText, settlementText } from "./shard-text.ts";
import { ShardSocket } from "./shard-socket.ts";
import type { SinkHealth, SteadySink } from "./steady-sink.ts";

export interface BridgeOptions {
  edge: Pick<Edge, "shardCount" | "dial">;
  sinks: readonly SteadySink[];
  bounds: WindowBounds;
  log: Log;
  random: () => number;
}

export interface BridgeHealth {
  sinks: Record<string, SinkHealth>;
  shards: { total: number; connected: number };
  events: { done: number; inHand: number; unreadable: number };
}

interface Shard {
  socket: ShardSocket;
  /** The connection that the shard has said is the owner's; null while there is none. */
  link: LinkId | null;
}

/** Waits between questions to an edge that does not answer; ms. */
const EDGE_RETRY = { baseMs: 500, capMs: 15_000 };

/** Carries events from all shards to all sinks, and says back to a shard only what every sink has. */
export class Bridge {
  readonly #options: BridgeOptions;
  readonly #window: BridgeWindow<ArchiveBatch>;
  readonly #shards: Shard[] = [];
  readonly #owners = new Map<LinkId, Shard>();
  readonly #stopping = new AbortController();
  readonly #abandoned = new AbortController();
  #links = 0;
  #done = 0;
  #unreadable = 0;
  #wake: () => void = () => {};
  #run: Promise<void> = Promise.resolve();

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#window = new BridgeWindow(options.bounds);
  }

  health(): BridgeHealth {
    const sinks = this.#options.sinks.map((sink) => [sink.name, sink.health()] as const);
    return {
      sinks: Object.fromEntries(sinks),
      shards: { total: this.#shards.length, connected: this.#owners.size },
      events: { done: this.#done, inHand: this.#window.inHand, unreadable: this.#unreadable },
    };
  }

  /** Returns at once; `stopped` tells when it has ended. */
  start(): void {
    this.#run = this.#carry().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) throw error;
    });
  }

  /** Resolves when the bridge has stopped; rejects when it broke. */
  get stopped(): Promise<void> {
    return this.#run;
  }

  /** Ends after the group in hand is written and acked, or `graceMs` later without it: its shards send it again. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    const grace = setTimeout(() => this.#abandoned.abort(), graceMs);
    await Promise.race([this.#run, aborted(this.#abandoned.signal)]);
    clearTimeout(grace);
    for (const { socket } of this.#shards) socket.stop();
    await Promise.all(this.#options.sinks.map((sink) => sink.stop()));
  }

  /** Dials only once every sink works: before that, nothing that arrives could be written. */
  async #carry(): Promise<void> {
    const { sinks, edge } = this.#options;
    await Promise.all(sinks.map((sink) => sink.start(this.#stopping.signal)));
    const count = await this.#shardCount();
    for (let index = 0; index < count; index++)
      this.#shards.push(this.#shard(index, () => edge.dial(index)));
    for (const { socket } of this.#shards) socket.dial();
    while (!this.#stopping.signal.aborted) await this.#writeGroup();
  }

  /** While one group is being written, the next one gathers in the window. */
  async #writeGroup(): Promise<void> {
    const group = this.#window.nextGroup();
    if (group === null) return await this.#arrival();
    const batches = group.arrivals.map(({ batch }) => batch);
    await Promise.all(
      this.#options.sinks.map((sink) => sink.write(batches, this.#abandoned.signal)),
    );
    this.#done += group.eventCount;
    for (const settlement of this.#window.settled(group)) {
      this.#owners.get(settlement.link)?.socket.send(settlementText(settlement));
    }
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #shardCount(): Promise<number> {
    const { edge, log, random } = this.#options;
    const failed = (error: unknown, attempt: number, waitMs: number) =>
      log.warn("edge.retry", { attempt, waitMs, reason: reasonOf(error) });
    const signal = this.#stopping.signal;
    return await retry({ bounds: EDGE_RETRY, random, signal, failed }, () => edge.shardCount());
  }

  #shard(index: number, dial: ConstructorParameters<typeof ShardSocket>[0]["dial"]): Shard {
    const { log, random } = this.#options;
    const listener = {
      text: (data: string) => this.#received(index, shard, data),
      down: () => this.#down(shard),
    };
    const shard: Shard = {
      socket: new ShardSocket({ shard: index, dial, listener, log, random }),
      link: null,
    };
    return shard;
  }

  #received(index: number, shard: Shard, data: string): void {
    const text = readShardText(data);
    switch (text.type) {
      case "owned":
        return this.#owned(shard, text);
      case "batch":
        return this.#batch(shard, text.batch, data.length);
      case "unreadable":
        return this.#skipped(index, shard, text);
    }
  }

  #owned(shard: Shard, { shard: index, epoch }: { shard: number; epoch: number }): void {
    this.#down(shard);
    const link = ++this.#links;
    shard.link = link;
    this.#owners.set(link, shard);
    this.#options.log.info("shard.owned", { shard: index, epoch });
    shard.socket.send(creditText(this.#window.opened(link)));
  }

  #batch(shard: Shard, batch: ArchiveBatch, bytes: number): void {
    const { conversationId } = batch.conversation;
    const lastSeq = batch.events.at(-1)?.seq ?? 0;
    const arrival = { conversationId, lastSeq, eventCount: batch.events.length, bytes, batch };
    if (shard.link !== null && this.#window.arrived({ link: shard.link, ...arrival }))
      return this.#wake();
    this.#options.log.error("shard.without_credit", { conversationId, seq: lastSeq });
    shard.socket.cut(CLOSE_CODES.protocol, "no credit was left");
  }

  /** The batch stays unacked and comes again to a newer bridge; its credit goes back, so that the others flow on. */
  #skipped(
    index: number,
    shard: Shard,
    text: Extract<ReturnType<typeof readShardText>, { type: "unreadable" }>,
  ): void {
    const { problem, conversationId, eventCount } = text;
    this.#unreadable += eventCount;
    this.#options.log.error("shard.unreadable", {
      shard: index,
      conversationId,
      eventCount,
      reason: problem,
    });
    if (eventCount > 0) shard.socket.send(creditText(eventCount));
  }

  #down(shard: Shard): void {
    if (shard.link === null) return;
    this.#window.closed(shard.link);
    this.#owners.delete(shard.link);
    shard.link = null;
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
