import type { Socket } from "../bridge/edge/shard-socket.ts";
import type { ArchiveBatch } from "../core/bridging/archive-writes.ts";
import { archiveBatch } from "../tests/support/archive-events.ts";

const CONVERSATIONS = 200;
/** Of one conversation, in one batch. */
const BATCH_EVENTS = 100;

/** Conversations full of events, by batch, oldest first: one conversation's are consecutive. */
export function makeBacklog(events: number): ArchiveBatch[][] {
  const rounds = Math.ceil(events / CONVERSATIONS / BATCH_EVENTS);
  const run = crypto.randomUUID();
  return Array.from({ length: CONVERSATIONS }, (_, conversation) =>
    Array.from({ length: rounds }, (_, round) => {
      const from = round * BATCH_EVENTS;
      return archiveBatch(`${run}-${conversation}`, from, from + BATCH_EVENTS - 1);
    }),
  );
}

/** A shard that has the whole backlog to send: within its credit, one batch of each conversation under way. */
export class BacklogShard extends EventTarget implements Socket {
  readonly done: Promise<void>;
  readonly #texts: Map<string, string[]>;
  readonly #ready: string[];
  readonly #resolve: () => void;
  #credit = 0;
  #left: number;

  constructor(backlog: readonly ArchiveBatch[][]) {
    super();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#texts = new Map(
      backlog.map((batches) => [
        batches[0]?.conversation.conversationId ?? "",
        batches.map((batch) => {
          const upTo = batch.events.at(-1)?.seq ?? 0;
          return JSON.stringify({ type: "batch", ...batch, upTo });
        }),
      ]),
    );
    this.#ready = [...this.#texts.keys()];
    this.#left = backlog.flat().length;
  }

  /** Called once the bridge listens. */
  own(): void {
    this.#say(JSON.stringify({ type: "owned", shard: 0, epoch: 1 }));
  }

  send(data: unknown): void {
    const frames: unknown[] = [JSON.parse(String(data))].flat();
    for (const frame of frames) {
      const { type, events, conversationId }: Record<string, unknown> = Object(frame);
      if (type === "credit") this.#credit += Number(events);
      if (type === "ack") this.#acked(String(conversationId));
    }
    // a socket delivers later, never within the call that made room
    setImmediate(() => this.#fill());
  }

  close(): void {}

  #acked(conversationId: string): void {
    this.#ready.push(conversationId);
    if (--this.#left === 0) this.#resolve();
  }

  #fill(): void {
    while (this.#credit > 0) {
      const conversationId = this.#ready.shift();
      if (conversationId === undefined) return;
      const text = this.#texts.get(conversationId)?.shift();
      if (text === undefined) continue;
      this.#credit -= BATCH_EVENTS;
      this.#say(text);
    }
  }

  #say(data: string): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
}
