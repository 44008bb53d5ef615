import { EdgeAnswerError } from "./edge/edge.ts";
import type { Log } from "./log.ts";
import { failureOf } from "./part-state.ts";
import { retry } from "./retry.ts";

/** Waits between tries of a command; ms. */
const RETRY = { baseMs: 250, capMs: 10_000 };
/** Then the command gives up, after half a minute or so: somebody is waiting for it, and can start it again. */
const ATTEMPTS = 8;

/** Tries again what a command does, a few times: a hiccup does not end it, an outage does, with its reason. */
export class Patience {
  readonly #log: Log;
  readonly #random: () => number;
  readonly #signal: AbortSignal;

  constructor(log: Log, random: () => number, signal: AbortSignal) {
    this.#log = log;
    this.#random = random;
    this.#signal = signal;
  }

  get isOver(): boolean {
    return this.#signal.aborted;
  }

  /** Throws what the last try failed of. */
  run<T>(step: string, attempt: () => Promise<T>): Promise<T> {
    const failed = (error: unknown, attempts: number, waitMs: number) => {
      const isFinal = error instanceof EdgeAnswerError && !error.shouldRetry();
      if (isFinal || attempts + 1 >= ATTEMPTS) throw error;
      const fields = { step, attempt: attempts, waitMs, ...failureOf(error) };
      this.#log.warn("command.retry", fields);
    };
    const options = { bounds: RETRY, random: this.#random, signal: this.#signal, failed };
    return retry(options, attempt);
  }
}
