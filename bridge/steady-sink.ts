import type { ArchiveBatch } from "../core/archive-writes.ts";
import { reasonOf, type Log } from "./log.ts";
import { retry } from "./retry.ts";
import type { Sink } from "./sink.ts";

export interface SinkHealth {
  /** `starting` until the first try has ended, one way or the other. */
  status: "starting" | "healthy" | "degraded";
  /** Why the last try failed; null while none has. */
  reason: string | null;
  deadLetters: number;
}

/** First wait and longest wait between tries: soon enough after a hiccup, gentle on a server that is down. */
const RETRY = { baseMs: 100, capMs: 10_000 };

/** A sink that tries until it has succeeded, or has failed after `signal` said that nobody waits any more. */
export class SteadySink {
  readonly #sink: Sink;
  readonly #log: Log;
  readonly #random: () => number;
  #reason: string | null = null;
  #hasStarted = false;
  #deadLetters = 0;

  constructor(sink: Sink, log: Log, random: () => number) {
    this.#sink = sink;
    this.#log = log;
    this.#random = random;
  }

  get name(): string {
    return this.#sink.name;
  }

  health(): SinkHealth {
    const untroubled = this.#hasStarted ? "healthy" : "starting";
    return {
      status: this.#reason === null ? untroubled : "degraded",
      reason: this.#reason,
      deadLetters: this.#deadLetters,
    };
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#untilDone("start", signal, () => this.#sink.start());
    this.#hasStarted = true;
  }

  async write(batches: readonly ArchiveBatch[], signal: AbortSignal): Promise<void> {
    const { deadLetters } = await this.#untilDone("write", signal, () => this.#sink.write(batches));
    this.#deadLetters += deadLetters;
  }

  async stop(): Promise<void> {
    await this.#sink.stop();
  }

  async #untilDone<T>(step: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const failed = (error: unknown, attempt: number, waitMs: number) => {
      this.#reason = reasonOf(error);
      this.#log.warn("sink.retry", {
        sink: this.name,
        step,
        attempt,
        waitMs,
        reason: this.#reason,
      });
    };
    const outcome = await retry({ bounds: RETRY, random: this.#random, signal, failed }, run);
    this.#reason = null;
    return outcome;
  }
}
