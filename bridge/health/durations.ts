/** Upper bounds of the buckets; ms. The last bucket has no bound. */
export const DURATION_BOUNDS_MS = [
  5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000, 600_000,
] as const;

/** A histogram as Prometheus takes it: `buckets[i]` counts what is at most the i-th bound, those below included. */
export interface DurationCounts {
  buckets: number[];
  count: number;
  sumMs: number;
}

/** Counts durations by size; memory does not grow with them. */
export class Durations {
  readonly #counts = [...DURATION_BOUNDS_MS, Infinity].map(() => 0);
  #sumMs = 0;

  /** Clocks of two machines differ: what seems to be negative counts as nothing. */
  add(ms: number): void {
    const duration = Math.max(0, ms);
    const at = DURATION_BOUNDS_MS.findIndex((bound) => duration <= bound);
    const index = at < 0 ? DURATION_BOUNDS_MS.length : at;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sumMs += duration;
  }

  counts(): DurationCounts {
    let below = 0;
    const buckets = this.#counts.map((count) => (below += count));
    return { buckets: buckets.slice(0, -1), count: below, sumMs: this.#sumMs };
  }
}
