import type { WindowBounds } from "../core/bridging/window.ts";
import type { Edge } from "./edge/edge.ts";
import type { Log } from "./log.ts";
import { failureOf } from "./part-state.ts";
import { retry } from "./retry.ts";
import { SinkLane, type LaneHealth } from "./sinks/sink-lane.ts";
import type { SteadySink } from "./sinks/steady-sink.ts";

export interface BridgeOptions {
  edge: Pick<Edge, "shardCount" | "dial">;
  sinks: readonly SteadySink[];
  /** Of each sink by itself. */
  bounds: WindowBounds;
  log: Log;
  random: () => number;
  /** Epoch ms. */
  now: () => number;
}

export interface BridgeHealth {
  sinks: Record<string, LaneHealth>;
  /** `connected`: shards that every sink is connected to. */
  shards: { total: number; connected: number };
  /** `done`: what every sink has; the others are sums. */
  events: { done: number; inHand: number; unreadable: number };
}

/** Waits between questions to an edge that does not answer; ms. */
const EDGE_RETRY = { baseMs: 500, capMs: 15_000 };

/** Carries events from all shards to all sinks, each in a lane of its own. */
export class Bridge {
  readonly #options: BridgeOptions;
  readonly #lanes: SinkLane[];
  readonly #stopping = new AbortController();
  #run: Promise<void> = Promise.resolve();

  constructor(options: BridgeOptions) {
    const { sinks, edge, bounds, log, random, now } = options;
    const names = sinks.map(({ name }) => name);
    this.#options = options;
    this.#lanes = sinks.map((sink) => {
      const dial = (shard: number) => edge.dial(shard, sink.name, names);
      return new SinkLane({ sink, dial, bounds, log, random, now });
    });
  }

  health(): BridgeHealth {
    const lanes = this.#lanes.map((lane) => [lane.name, lane.health()] as const);
    const all = lanes.map(([, health]) => health);
    return {
      sinks: Object.fromEntries(lanes),
      shards: {
        total: Math.max(...all.map(({ shards }) => shards.total)),
        connected: Math.min(...all.map(({ shards }) => shards.connected)),
      },
      events: {
        done: Math.min(...all.map(({ events }) => events.done)),
        inHand: sum(all.map(({ events }) => events.inHand)),
        unreadable: sum(all.map(({ events }) => events.unreadable)),
      },
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

  /** Ends after what is being written is written and acked, or `graceMs` later without it: its shards send it again. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    for (const lane of this.#lanes) lane.finish();
    const grace = AbortSignal.timeout(graceMs);
    await Promise.race([this.#run, aborted(grace)]);
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  async #carry(): Promise<void> {
    const shardCount = this.#shardCount();
    shardCount.catch(() => undefined); // each lane sees the failure, once its sink works
    await Promise.all(this.#lanes.map((lane) => lane.run(shardCount)));
  }

  async #shardCount(): Promise<number> {
    const { edge, log, random } = this.#options;
    const failed = (error: unknown, attempt: number, waitMs: number) =>
      log.warn("edge.retry", { attempt, waitMs, ...failureOf(error) });
    const signal = this.#stopping.signal;
    return await retry({ bounds: EDGE_RETRY, random, signal, failed }, () => edge.shardCount());
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
