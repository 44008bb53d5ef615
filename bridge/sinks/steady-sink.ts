import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";
import type { Log } from "../log.ts";
import {
  degraded,
  failureOf,
  HEALTHY,
  STARTING,
  type Failure,
  type PartState,
} from "../part-state.ts";
import { retry } from "../retry.ts";
import type { Sink } from "./sink.ts";
import { NO_SPANS, type Spans } from "../spans/spans.ts";

export interface SinkHealth extends PartState {
  /** Tries that have failed since the bridge started. */
  retries: number;
  deadLetters: number;
}

/** First wait and longest wait between tries: soon enough after a hiccup, gentle on a server that is down. */
const RETRY = { baseMs: 100, capMs: 10_000 };

/** A sink that tries until it has succeeded, or has failed after `signal` said that nobody waits any more. */
export class SteadySink {
  readonly #sink: Sink;
  readonly #log: Log;
  readonly #random: () => number;
  readonly #spans: Spans;
  #failure: Failure | null = null;
  #hasStarted = false;
  #retries = 0;
  #deadLetters = 0;

  constructor(sink: Sink, log: Log, random: () => number, spans = NO_SPANS) {
    this.#sink = sink;
    this.#log = log;
    this.#random = random;
    this.#spans = spans;
  }

  get name(): string {
    return this.#sink.name;
  }

  /** Groups that may be written at once. */
  get parallel(): number {
    return this.#sink.parallel;
  }

  health(): SinkHealth {
    const untroubled = this.#hasStarted ? HEALTHY : STARTING;
    return {
      ...(this.#failure === null ? untroubled : degraded(this.#failure)),
      retries: this.#retries,
      deadLetters: this.#deadLetters,
    };
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#untilDone("start", signal, () => this.#sink.start());
    this.#hasStarted = true;
  }

  async write(batches: readonly ArchiveBatch[], signal: AbortSignal): Promise<void> {
    const { deadLetters } = await this.#spans.group(this.name, batches, (tried) =>
      this.#untilDone("write", signal, () => tried(() => this.#sink.write(batches))),
    );
    this.#deadLetters += deadLetters;
  }

  async stop(): Promise<void> {
    await this.#sink.stop();
  }

  async #untilDone<T>(step: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const failed = (error: unknown, attempt: number, waitMs: number) => {
      const failure = failureOf(error);
      this.#failure = failure;
      this.#retries++;
      this.#log.warn("sink.retry", { sink: this.name, step, attempt, waitMs, ...failure });
    };
    const outcome = await retry({ bounds: RETRY, random: this.#random, signal, failed }, run);
    if (this.#failure !== null) {
      this.#log.info("sink.works_again", { sink: this.name, step, fault: this.#failure.fault });
    }
    this.#failure = null;
    return outcome;
  }
}
