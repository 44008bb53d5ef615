import type { ReaderEvent } from "../../protocol/event.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { Renderings } from "./renderings.ts";

/** Consecutive events of one conversation on their way to many connections: parsed once, rendered once for each dialect. */
export class EventBatch extends Renderings {
  readonly conversationId: ConversationId;
  readonly events: readonly ReaderEvent[];

  constructor(conversationId: ConversationId, events: readonly ReaderEvent[]) {
    super();
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
}
