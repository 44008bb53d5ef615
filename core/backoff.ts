/** Waits grow from `baseMs`, doubling, up to `capMs`. */
export interface BackoffBounds {
  baseMs: number;
  capMs: number;
}

/**
 * How long to wait before try `attempt` (0 is the first retry): anywhere below the doubled base, so that peers that
 * failed together do not come back together. `random` is in [0, 1).
 */
export function fullJitterMs(attempt: number, bounds: BackoffBounds, random: number): number {
  return Math.floor(
    random * Math.min(bounds.capMs, bounds.baseMs * 2 ** Math.min(attempt, MAX_DOUBLINGS)),
  );
}

/** Beyond it every cap is reached, and the power stays an exact number. */
const MAX_DOUBLINGS = 30;
