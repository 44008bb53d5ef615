/** What is made of one thing for many connections: each rendering once, however many of them ask for it. */
export class Renderings {
  readonly #made = new Map<string, unknown>();

  /** What `render` makes, called at most once for each name; a name stands for one type. */
  rendered<T>(name: string, render: () => T): T {
    if (!this.#made.has(name)) this.#made.set(name, render());
    return this.#made.get(name) as T; // the line above put it there
  }
}
