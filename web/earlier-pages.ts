import type { ReaderEvent, RestClient } from "../client/index.ts";

/**
 * Pages of history as events of the log, the reactions on them included. What happens to their messages while a page is
 * under way is in the answer as well: the page may be older than the event.
 */
export class EarlierPages {
  readonly #rest: RestClient;
  readonly #conversationId: string;
  readonly #limit: number;
  readonly #underWay = new Set<ReaderEvent[]>();

  constructor(rest: RestClient, conversationId: string, limit: number) {
    this.#rest = rest;
    this.#conversationId = conversationId;
    this.#limit = limit;
  }

  /** Events that come live. */
  note(events: readonly ReaderEvent[]): void {
    for (const meanwhile of this.#underWay) meanwhile.push(...events);
  }

  /** The page before a seq, and the seq from which on everything is known with it. */
  async read(beforeSeq: number): Promise<{ events: ReaderEvent[]; from: number }> {
    const meanwhile: ReaderEvent[] = [];
    this.#underWay.add(meanwhile);
    try {
      const page = { beforeSeq, limit: this.#limit };
      const { messages, reacted, hasMore } = await this.#rest.history(this.#conversationId, page);
      const reactions = await Promise.all(reacted.map((seq) => this.#reactions(seq)));
      const from = hasMore ? (messages[0]?.seq ?? 1) : 1;
      return { events: [...messages, ...reactions.flat(), ...meanwhile], from };
    } finally {
      this.#underWay.delete(meanwhile);
    }
  }

  async #reactions(target: number): Promise<ReaderEvent[]> {
    const reactions = await this.#rest.reactions(this.#conversationId, target);
    const common = { type: "reaction", seq: target, at: 0, target, active: true } as const;
    return reactions.flatMap(({ emoji, userIds }) =>
      userIds.map((senderId) => ({ ...common, emoji, senderId })),
    );
  }
}
