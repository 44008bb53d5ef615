/** Named moments at which something has to be looked after, each at most once; epoch ms. Rule TIM-1. */
export class DueTable<Kind extends string> {
  readonly #due = new Map<Kind, number>();

  constructor(stored: Iterable<readonly [kind: Kind, at: number]> = []) {
    for (const [kind, at] of stored) this.#due.set(kind, at);
  }

  at(kind: Kind): number | null {
    return this.#due.get(kind) ?? null;
  }

  /** Due at `at` or, if that comes first, when it was due already; answers whether anything changed. */
  within(kind: Kind, at: number): boolean {
    const before = this.#due.get(kind);
    if (before !== undefined && before <= at) return false;
    this.#due.set(kind, at);
    return true;
  }

  /** Not due any more; answers whether it was. */
  drop(kind: Kind): boolean {
    return this.#due.delete(kind);
  }

  /** Takes out everything that is due, earliest first. */
  takeDue(now: number): Kind[] {
    const due = [...this.#due]
      .filter(([, at]) => at <= now)
      .toSorted(([, one], [, other]) => one - other)
      .map(([kind]) => kind);
    for (const kind of due) this.#due.delete(kind);
    return due;
  }

  /** The next moment at which something is due; null when nothing is. */
  next(): number | null {
    return this.#due.size === 0 ? null : Math.min(...this.#due.values());
  }
}
