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
