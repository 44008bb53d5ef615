/**
 * Gathers items for one turn of the event loop, then commits them as one group (docs/decisions/0001-group-commit.md).
 * The order of `add` is the order of the groups. Nothing is awaited between taking a group and committing it.
 */
export class GroupCommit<Item> {
  readonly #commit: (group: Item[]) => void;
  readonly #maxItems: number;
  #queue: Item[] = [];
  #turn: Promise<void> | null = null;

  constructor(maxItems: number, commit: (group: Item[]) => void) {
    this.#maxItems = maxItems;
    this.#commit = commit;
  }

  /** Resolves once the queue that holds the item has been committed. `commit` must not throw. */
  add(item: Item): Promise<void> {
    this.#queue.push(item);
    this.#turn ??= this.#drain();
    return this.#turn;
  }

  async #drain(): Promise<void> {
    await scheduler.wait(0);
    this.#turn = null;
    const queue = this.#queue;
    this.#queue = [];
    for (let from = 0; from < queue.length; from += this.#maxItems) {
      this.#commit(queue.slice(from, from + this.#maxItems));
    }
  }
}
