import { outboxEventText, type LogRow } from "../../../core/event-text.ts";
import type { ConversationState } from "../conversation-state.ts";
import { pageOfEvents } from "../event-page.ts";

/** The next events for a sink: after its cursor, as JSON texts. */
export function outboxEvents(state: ConversationState, cursor: number): string[] {
  const rows = state.log.after(cursor);
  return pageOfEvents(rows, (row) => outboxEventText(row, replacedBy(state, row))).events;
}

/** The version that an edit or a deletion ended. */
export function replacedBy(state: ConversationState, row: LogRow) {
  if (row.type !== "edited" && row.type !== "deleted") return undefined;
  const { target } = JSON.parse(row.body) as { target: number }; // written by changeBodyText alone
  return state.messages.replacedBy(target, row.seq);
}
