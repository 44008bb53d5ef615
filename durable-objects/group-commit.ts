import { LIMITS } from "../protocol/limits.ts";

/**
 * Commits items in groups, in the order of `add` (docs/decisions/0001-group-commit.md). Alone, an item is committed at
 * once. As soon as items keep company, a timer gathers what has arrived, which costs each a millisecond and saves most
 * of the commits and frames; a full group does not wait for it. What came in one text stays together (LIM-8 aside).
 * Nothing is awaited between taking a group and committing.
 */
export class GroupCommit<Item> {
  readonly #commit: (group: Item[]) => void;
  readonly #fullAt: () => number;
  readonly #turns: number;
  #queue: Item[] = [];
  #isGathering = false;
  /** The last group had company, so the next one will. */
  #isBusy = false;

  /** `commit` must not throw; `fullAt` tells how many items are a full group at this moment; `turns`, how long company is waited for. */
  constructor(fullAt: () => number, commit: (group: Item[]) => void, turns = 1) {
    this.#fullAt = fullAt;
    this.#turns = turns;
    this.#commit = commit;
  }

  /**
   * Whoever starts the gathering gets its end, to await it: that keeps the object up until the commit. The others
   * have nothing to wait for.
   */
  add(item: Item): Promise<void> | undefined {
    this.#queue.push(item);
    if (this.#queue.length >= LIMITS.groupSends) this.#take();
    if (this.#isGathering) return undefined;
    this.#isGathering = true;
    return this.#gather();
  }

  /** Commits a full group; what came in one text stays together. */
  endOfText(): void {
    if (this.#queue.length >= this.#fullAt()) this.#take();
  }

  /** Commits what is queued, without waiting for company. */
  settle(): void {
    this.#take();
  }

  async #gather(): Promise<void> {
    if (!this.#isBusy) {
      await Promise.resolve(); // what came in the same text belongs to the same group
      this.#take();
      await oneTurn();
    }
    await this.#company();
    this.#isGathering = false;
    this.#take();
  }

  /** Ends early once a turn brought nothing more. */
  async #company(): Promise<void> {
    let known = 0;
    for (let turn = 0; turn < this.#turns && this.#queue.length > known; turn++) {
      known = this.#queue.length;
      await scheduler.wait(0);
    }
  }

  #take(): void {
    if (this.#queue.length === 0) return;
    const group = this.#queue;
    this.#queue = [];
    this.#isBusy = group.length > 1;
    this.#commit(group);
  }
}

/** Reading a body goes through the event loop, as promises and message channels do not, and sets no timer. */
async function oneTurn(): Promise<void> {
  await new Response("turn").text();
}
