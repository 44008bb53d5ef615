import type { ReaderEvent } from "../../protocol/event.ts";
import type { ConversationId } from "../../protocol/ids.ts";

/** Consecutive events of one conversation on their way to many connections: parsed once, rendered once for each dialect. */
export class EventBatch {
  readonly conversationId: ConversationId;
  readonly events: readonly ReaderEvent[];
  readonly #rendered = new Map<string, unknown>();

  constructor(conversationId: ConversationId, events: readonly ReaderEvent[]) {
    this.conversationId = conversationId;
    this.events = events;
  }

  /** 0 when empty, as `lastSeq`. */
  get firstSeq(): number {
    return this.events[0]?.seq ?? 0;
  }

  get lastSeq(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  /** What `render` makes of it, made at most once for each name; a name stands for one type. */
  rendered<T>(name: string, render: (batch: EventBatch) => T): T {
    if (!this.#rendered.has(name)) this.#rendered.set(name, render(this));
    return this.#rendered.get(name) as T; // the line above put it there
  }
}
