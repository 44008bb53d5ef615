import type { ReaderEvent } from "../../protocol/event.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { BySight, inSight, Sights, type Reader } from "../sight.ts";
import { Renderings } from "./renderings.ts";

/** Consecutive events of one conversation on their way to many connections: parsed once, rendered once for each dialect. */
export class EventBatch extends Renderings {
  readonly conversationId: ConversationId;
  readonly events: readonly ReaderEvent[];
  readonly #ofSight: BySight<EventBatch>;
  #sights: Sights | null = null;

  constructor(conversationId: ConversationId, events: readonly ReaderEvent[]) {
    super();
    this.conversationId = conversationId;
    this.events = events;
    this.#ofSight = new BySight((sight) => new EventBatch(conversationId, inSight(events, sight)));
  }

  /** Every reader gets all of it, as nearly always. */
  get isAlike(): boolean {
    return this.#sightsOf().areAlike;
  }

  /** What this reader gets of it. */
  seenBy(reader: Reader): EventBatch {
    const sight = this.#sightsOf().of(reader);
    return sight === null ? this : this.#ofSight.of(sight);
  }

  /** 0 when empty, as `lastSeq`. */
  get firstSeq(): number {
    return this.events[0]?.seq ?? 0;
  }

  get lastSeq(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  #sightsOf(): Sights {
    this.#sights ??= new Sights(this.events);
    return this.#sights;
  }
}
