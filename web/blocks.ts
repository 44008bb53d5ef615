import type { ParleyClient } from "../client/index.ts";

/** Whose direct messages this user does not take. */
export class Blocks {
  readonly #client: ParleyClient;
  readonly #listeners = new Set<() => void>();
  #blocked: ReadonlySet<string> = new Set();

  constructor(client: ParleyClient) {
    this.#client = client;
  }

  has(userId: string): boolean {
    return this.#blocked.has(userId);
  }

  /** Returns the way to stop listening. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async read(): Promise<void> {
    this.#put(await this.#client.safety.blocks());
  }

  async set(userId: string, isBlocked: boolean): Promise<void> {
    if (isBlocked) await this.#client.safety.block(userId);
    else await this.#client.safety.unblock(userId);
    const others = [...this.#blocked].filter((each) => each !== userId);
    this.#put(isBlocked ? [...others, userId] : others);
  }

  #put(userIds: readonly string[]): void {
    this.#blocked = new Set(userIds);
    for (const listener of this.#listeners) listener();
  }
}
