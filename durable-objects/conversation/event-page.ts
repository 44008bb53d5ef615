import { pageEnd } from "../../core/backfill.ts";
import type { LogRow } from "../../core/event-text.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { Delivery } from "../../edge/rpc/gateway-rpc.ts";

/** Rows as one page of events within the bounds; reads no more of `rows` than that takes. */
export function pageOfEvents(
  rows: IteratorObject<LogRow>,
  textOf: (row: LogRow) => string,
): { events: string[]; more: boolean } {
  const events: string[] = [];
  const sizes = rows.map((row) => {
    const event = textOf(row);
    events.push(event);
    return event.length;
  });
  const { count, more } = pageEnd(sizes, { events: LIMITS.pageEvents, bytes: LIMITS.pageBytes });
  return { events: events.slice(0, count), more };
}

/** Events from `firstSeq` on as they go to another object, with nothing beside them. */
export function deliveryOf(
  { founded, head }: Pick<ConversationState, "founded" | "head">,
  events: readonly string[],
  firstSeq: number,
): Delivery {
  if (founded === null) throw new Error("nothing is delivered before the founding");
  const { conversationId, type, epoch } = founded.charter;
  const text = `[${events.join(",")}]`;
  return { conversationId, type, epoch, events: text, firstSeq, head, frames: [], entries: [] };
}
