import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";
import { BridgeWindow, type LinkId, type WindowBounds } from "../../core/bridging/window.ts";
import { newest } from "../../core/bridging/event-value.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { Durations, type DurationCounts } from "../health/durations.ts";
import type { Log } from "../log.ts";
import { creditText, readShardText, settlementText, type ShardText } from "../edge/shard-text.ts";
import { ShardSocket, type Socket } from "../edge/shard-socket.ts";
import type { SinkHealth, SteadySink } from "./steady-sink.ts";

export interface LaneOptions {
  sink: SteadySink;
  dial: (shard: number) => Socket;
  bounds: WindowBounds;
  log: Log;
  random: () => number;
  /** Epoch ms. */
  now: () => number;
}

export interface LaneHealth extends SinkHealth {
  shards: { total: number; connected: number };
  /** By the number of the shard. */
  eachShard: readonly ShardHealth[];
  /** `done` counts events and receipts that the sink has, repeats included. */
  events: { done: number; inHand: number; unreadable: number };
  /** Age of the oldest event in hand; ms. */
  lagMs: number;
  groups: number;
  /** From an event's commit at the edge until the sink has it. */
  latency: DurationCounts;
}

export interface ShardHealth {
  isConnected: boolean;
  /** Batches that came, since the start. */
  batches: number;
  /** Events of this connection that are not written. */
  inHand: number;
}

interface Shard {
  /** Its number. */
  index: number;
  socket: ShardSocket;
  batches: number;
  /** The connection that the shard has said is the owner's; null while there is none. */
  link: LinkId | null;
}

/**
 * Carries events from all shards to one sink, and says back to a shard what the sink has. Lanes share nothing: each has
 * its own connections, credit and cursor, so that a sink that is down or slow holds up nobody else. Rule OBX-8.
 */
export class SinkLane {
  readonly #options: LaneOptions;
  readonly #window: BridgeWindow<ArchiveBatch>;
  readonly #shards: Shard[] = [];
  readonly #owners = new Map<LinkId, Shard>();
  readonly #stopping = new AbortController();
  readonly #abandoned = new AbortController();
  readonly #latency = new Durations();
  #links = 0;
  #done = 0;
  #groups = 0;
  #unreadable = 0;
  #wakers: (() => void)[] = [];

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#window = new BridgeWindow(options.bounds);
  }

  get name(): string {
    return this.#options.sink.name;
  }

  health(): LaneHealth {
    const oldestAt = this.#window.oldestAt;
    return {
      ...this.#options.sink.health(),
      shards: { total: this.#shards.length, connected: this.#owners.size },
      eachShard: this.#shards.map((shard) => this.#healthOf(shard)),
      events: { done: this.#done, inHand: this.#window.inHand, unreadable: this.#unreadable },
      lagMs: oldestAt === null ? 0 : Math.max(0, this.#options.now() - oldestAt),
      groups: this.#groups,
      latency: this.#latency.counts(),
    };
  }

  /** Dials only once the sink works: before that, nothing that arrives could be written. Ends when it is stopped. */
  async run(shardCount: Promise<number>): Promise<void> {
    const { sink, dial } = this.#options;
    const { signal } = this.#stopping;
    await sink.start(signal);
    const count = await shardCount;
    if (signal.aborted) return;
    for (let index = 0; index < count; index++)
      this.#shards.push(this.#shard(index, () => dial(index)));
    for (const { socket } of this.#shards) socket.dial();
    await Promise.all(Array.from({ length: sink.parallel }, () => this.#writeGroups()));
  }

  /** Takes no more; `run` ends after the groups that are being written, which are acked. */
  finish(): void {
    this.#stopping.abort();
    this.#wake();
  }

  /** Ends at once, without what is being written: its shards send it again. */
  async close(): Promise<void> {
    this.#abandoned.abort();
    for (const { socket } of this.#shards) socket.stop();
    await this.#options.sink.stop();
  }

  /** While some groups are being written, the next one gathers in the window. */
  async #writeGroups(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const group = this.#window.nextGroup();
      if (group === null) {
        await this.#arrival();
        continue;
      }
      const batches = group.arrivals.map(({ batch }) => batch);
      await this.#options.sink.write(batches, this.#abandoned.signal);
      this.#done += group.eventCount;
      this.#groups++;
      this.#measure(batches);
      for (const settlement of this.#window.settled(group)) {
        this.#owners.get(settlement.link)?.socket.send(settlementText(settlement));
      }
      this.#wake(); // a conversation of this group may have been waiting for it
    }
  }

  #healthOf({ link, batches }: Shard): ShardHealth {
    const { linkEvents } = this.#options.bounds;
    const inHand = link === null ? 0 : linkEvents - this.#window.creditOf(link);
    return { isConnected: link !== null, batches, inHand };
  }

  #measure(batches: readonly ArchiveBatch[]): void {
    const now = this.#options.now();
    for (const { events } of batches) for (const { at } of events) this.#latency.add(now - at);
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#wakers.splice(0)) wake();
  }

  #shard(index: number, dial: () => Socket): Shard {
    const { log, random } = this.#options;
    const listener = {
      text: (data: string) => this.#received(shard, data),
      down: () => this.#down(shard),
    };
    const shard: Shard = {
      index,
      socket: new ShardSocket({ shard: index, sink: this.name, dial, listener, log, random }),
      batches: 0,
      link: null,
    };
    return shard;
  }

  #received(shard: Shard, data: string): void {
    const text = readShardText(data);
    switch (text.type) {
      case "owned":
        return this.#owned(shard, text);
      case "batch":
        return this.#batch(shard, text, data.length);
      case "unreadable":
        return this.#skipped(shard, text);
    }
  }

  #owned(shard: Shard, { shard: index, epoch }: { shard: number; epoch: number }): void {
    this.#down(shard);
    const link = ++this.#links;
    shard.link = link;
    this.#owners.set(link, shard);
    this.#options.log.info("shard.owned", { sink: this.name, shard: index, epoch });
    shard.socket.send(creditText(this.#window.opened(link)));
  }

  #batch(
    shard: Shard,
    { batch, upTo }: Extract<ShardText, { type: "batch" }>,
    bytes: number,
  ): void {
    shard.batches++;
    const { conversationId } = batch.conversation;
    const eventCount = batch.events.length + batch.receipts.length;
    const oldestAt = batch.events[0]?.at ?? newest(batch.receipts);
    const arrival = { conversationId, lastSeq: upTo, eventCount, bytes, oldestAt, batch };
    if (shard.link !== null && this.#window.arrived({ link: shard.link, ...arrival }))
      return this.#wake();
    const fields = { sink: this.name, conversationId, seq: upTo };
    this.#options.log.error("shard.without_credit", fields);
    shard.socket.cut(CLOSE_CODES.protocol, "no credit was left");
  }

  /** The batch stays unacked and comes again to a newer bridge; its credit goes back, so that the others flow on. */
  #skipped(shard: Shard, text: Extract<ShardText, { type: "unreadable" }>): void {
    const { problem, conversationId, credit } = text;
    this.#unreadable += credit;
    const fields = { sink: this.name, shard: shard.index, conversationId, eventCount: credit };
    this.#options.log.error("shard.unreadable", { ...fields, reason: problem });
    if (credit > 0) shard.socket.send(creditText(credit));
  }

  #down(shard: Shard): void {
    if (shard.link === null) return;
    this.#window.closed(shard.link);
    this.#owners.delete(shard.link);
    shard.link = null;
  }
}
