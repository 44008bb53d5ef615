/** Echoes that one connection waits for; the oldest goes when there are more. */
const MAX_EXPECTED = 1_024;

/**
 * What a connection has done itself and has an answer of its own for: the event of it, which comes to all the members'
 * connections, is not told to this one again. Whichever of answer and event comes first.
 */
export class ExpectedEchoes {
  readonly #keys = new Set<string>();

  expect(key: string): void {
    this.#keys.add(key);
    const [oldest] = this.#keys;
    if (this.#keys.size > MAX_EXPECTED && oldest !== undefined) this.#keys.delete(oldest);
  }

  /** True once for each expected one. */
  take(key: string): boolean {
    return this.#keys.delete(key);
  }

  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }
}
