import type { Timer } from "./connection-state.ts";
import type { Timers } from "./timers.ts";

/**
 * A wait that sessions of one socket share: the first that asks decides how long it is, the others join it, and all go on
 * together. So a socket is pinged once for all of them, and dialled as often as if it carried one.
 */
export class CommonWait {
  readonly #timers: Timers;
  readonly #timer: Timer;
  readonly #waiting = new Map<object, () => void>();
  /** Of a wait that is over: who is still to be told. */
  readonly #ended = new Map<object, () => void>();

  /** Nobody else may use `timer` of these timers. */
  constructor(timers: Timers, timer: Timer) {
    this.#timers = timers;
    this.#timer = timer;
  }

  get isPending(): boolean {
    return this.#waiting.size > 0;
  }

  join(who: object, ms: number, onEnd: () => void): void {
    if (!this.isPending) this.#timers.start(this.#timer, ms, () => this.end());
    this.#waiting.set(who, onEnd);
  }

  leave(who: object): void {
    this.#ended.delete(who);
    if (this.#waiting.delete(who) && !this.isPending) this.#timers.stop(this.#timer);
  }

  /** Now, whatever is left of it. What one of them does may make another one leave, or begin the next wait. */
  end(): void {
    this.#timers.stop(this.#timer);
    for (const [who, onEnd] of this.#waiting) this.#ended.set(who, onEnd);
    this.#waiting.clear();
    for (const [who, onEnd] of this.#ended) {
      this.#ended.delete(who);
      onEnd();
    }
  }
}
