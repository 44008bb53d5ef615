import { fullJitterMs, type BackoffBounds } from "../core/backoff.ts";
import { sleep } from "./sleep.ts";

export interface RetryOptions {
  bounds: BackoffBounds;
  random: () => number;
  /** Once it aborts, the next failure is the last, and it is thrown. */
  signal: AbortSignal;
  failed: (error: unknown, attempt: number, waitMs: number) => void;
}

/** Runs until it succeeds. */
export async function retry<T>(options: RetryOptions, run: () => Promise<T>): Promise<T> {
  const { bounds, random, signal, failed } = options;
  for (let attempt = 0; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (signal.aborted) throw error;
      const waitMs = fullJitterMs(attempt, bounds, random());
      failed(error, attempt, waitMs);
      await sleep(waitMs, signal);
    }
  }
}
