import { expect } from "vitest";
import type { Timer } from "../../client/connection-state.ts";
import { RECONNECT_MAX_MS } from "../../client/reconnect.ts";
import type { Timers } from "../../client/timers.ts";

/** Clocks that stand still until a test lets a wait end. */
export class ModelTimers {
  readonly #clocks: Map<Timer, () => void>[] = [];

  get pending(): number {
    return this.#clocks.reduce((sum, { size }) => sum + size, 0);
  }

  makeTimers(): Timers {
    const pending = new Map<Timer, () => void>();
    this.#clocks.push(pending);
    return {
      start: (timer, ms, onTimeout) => {
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(RECONNECT_MAX_MS);
        pending.set(timer, onTimeout);
      },
      stop: (timer) => void pending.delete(timer),
    };
  }

  /** Ends the waits of this name. */
  fire(timer: Timer): void {
    const ended = this.#clocks.flatMap((pending) => {
      const onTimeout = pending.get(timer);
      pending.delete(timer);
      return onTimeout === undefined ? [] : [onTimeout];
    });
    for (const onTimeout of ended) onTimeout();
  }
}
