import type { Workerd } from "../tests/support/workerd.ts";

export const MIB = 1_048_576;
const LOOK_EVERY_MS = 20;

/** Looks at the resident memory of a runtime until it is told to stop. */
export class MemoryWatch {
  /** The most that was seen, in bytes. */
  most = 0;
  readonly #workerd: Workerd;
  readonly #timer: NodeJS.Timeout;

  constructor(workerd: Workerd) {
    this.#workerd = workerd;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS); // a runtime that has ended fails the suite itself
  }

  async stop(): Promise<number> {
    clearInterval(this.#timer);
    await this.#look();
    return this.most;
  }

  async #look(): Promise<void> {
    this.most = Math.max(this.most, await this.#workerd.residentBytes());
  }
}
