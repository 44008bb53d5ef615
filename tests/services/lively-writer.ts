import type { ParleyWorkerd } from "../support/parley-workerd.ts";
import { Participant } from "../support/participant.ts";

/** Writes one conversation's log event by event: messages, with edits, reactions and deletions of earlier ones among them. */
export class LivelyWriter {
  readonly conversationId: string;
  readonly #participant: Participant;
  /** Messages that are still there, by seq. */
  readonly #alive: number[] = [];
  readonly #liked = new Set<number>();
  #written = 0;

  constructor(parley: ParleyWorkerd, conversationId: string, userId: string) {
    this.conversationId = conversationId;
    this.#participant = new Participant(parley, conversationId, userId);
  }

  /** So many of them, each with a conversation and a user of its own. */
  static async many(parley: ParleyWorkerd, count: number): Promise<LivelyWriter[]> {
    const users = Array.from({ length: count }, (_, n) => `writer-${n}`);
    return Promise.all(
      users.map(async (userId) => new LivelyWriter(parley, await parley.group([userId]), userId)),
    );
  }

  /** Writes on until the log has so many events behind the founding; one is acked before the next is sent. */
  async writeUpTo(events: number): Promise<void> {
    while (this.#written < events) {
      await this.#write(this.#written);
      this.#written++;
    }
  }

  close(): void {
    this.#participant.close();
  }

  async #write(n: number): Promise<void> {
    const { seq } = await this.#change(n, this.#alive[(n * 7) % Math.max(this.#alive.length, 1)]);
    if (seq !== n + 1) throw new Error(`event ${n} lies at ${seq}`);
  }

  async #change(n: number, target: number | undefined): Promise<{ seq: number }> {
    const { session } = this.#participant;
    if (target !== undefined && n % 10 === 7) return session.edit(target, `edited by event ${n}`);
    if (target !== undefined && n % 10 === 8) {
      const active = !this.#liked.delete(target);
      if (active) this.#liked.add(target);
      return session.react(target, "👍", active);
    }
    if (target !== undefined && n % 20 === 19) {
      this.#alive.splice(this.#alive.indexOf(target), 1);
      return session.remove(target);
    }
    const stored = await session.send({ content: `event ${n}` }, { clientMessageId: `k${n}` });
    this.#alive.push(stored.seq);
    return stored;
  }
}
