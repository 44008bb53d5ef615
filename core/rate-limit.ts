import { LIMITS } from "../protocol/limits.ts";

/** How long somebody who floods is asked to stay away. */
export const FLOOD_PAUSE_MS = 10_000;

/** How much one session may say: `burst` at once, refilled by `perSecond`. */
export interface RateBounds {
  perSecond: number;
  burst: number;
}

/** A token bucket; full at first. Times are milliseconds of any clock. */
export class TokenBucket {
  readonly #bounds: RateBounds;
  #tokens: number;
  #at: number;

  constructor(bounds: RateBounds, now: number) {
    this.#bounds = bounds;
    this.#tokens = bounds.burst;
    this.#at = now;
  }

  /** Takes `cost`; answers 0, or how long until it would be there. What is more than a burst is never there. */
  take(cost: number, now: number): number {
    const { perSecond, burst } = this.#bounds;
    const elapsedMs = Math.max(0, now - this.#at);
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs * perSecond) / 1_000);
    this.#at = now;
    if (this.#tokens >= cost) {
      this.#tokens -= cost;
      return 0;
    }
    return Math.ceil(((Math.min(cost, burst) - this.#tokens) * 1_000) / perSecond);
  }
}

/** What one session may say. Rule LIM-14. */
export class FrameAllowance {
  readonly #bucket: TokenBucket;
  #refusedInARow = 0;

  constructor(bounds: RateBounds, now: number) {
    this.#bucket = new TokenBucket(bounds, now);
  }

  /** Takes one frame; answers 0, or the wait until there is room. */
  take(now: number): number {
    const waitMs = this.#bucket.take(1, now);
    this.#refusedInARow = waitMs === 0 ? 0 : this.#refusedInARow + 1;
    return waitMs;
  }

  /** More frames were refused, one after the other, than a session survives. */
  get isFlooded(): boolean {
    return this.#refusedInARow > LIMITS.floodFrames;
  }
}
