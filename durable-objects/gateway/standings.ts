import type { Floors } from "./feed-store.ts";

/** How a user stands in a conversation, as it said when its log ended at `head`: he was a member then. */
export interface Standing {
  /** His history begins after this seq. */
  historyFrom: number;
  head: number;
}

const UNKNOWN: Standing = { historyFrom: 0, head: 0 };

/**
 * How the users of one Gateway stand in one conversation. Also of those who follow it no more: what was said of them is
 * stored, and only a newer word may take its place. Rule GTW-4.
 */
export class Standings {
  readonly #known = new Map<string, Standing>();

  /** `floors` are what was known before the object slept. */
  constructor(floors: Floors) {
    for (const [userId, historyFrom] of Object.entries(floors)) {
      this.#known.set(userId, { historyFrom, head: 0 });
    }
  }

  of(userId: string): Standing {
    return this.#known.get(userId) ?? UNKNOWN;
  }

  /** Takes what the conversation has said, unless something newer is known; answers whether the floor is another one. */
  learn(userId: string, { historyFrom, head }: Standing): boolean {
    const known = this.of(userId);
    if (head < known.head) return false;
    this.#known.set(userId, { historyFrom, head });
    return historyFrom !== known.historyFrom;
  }

  /** Of those who may not read from the start. */
  get floors(): Floors {
    const floors = [...this.#known].map(([userId, { historyFrom }]) => [userId, historyFrom]);
    return Object.fromEntries(floors.filter(([, historyFrom]) => historyFrom !== 0));
  }
}
