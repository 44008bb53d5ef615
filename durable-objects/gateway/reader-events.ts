import type { ReaderEvent } from "../../protocol/event.ts";

/** Events that a conversation has written, as JSON; its founding, seq 0, is no reader's. */
export function readerEvents(text: string): ReaderEvent[] {
  // our own objects wrote it in this version of the code, or an earlier one that had the same events
  const events = JSON.parse(text) as ReaderEvent[];
  return events.filter(({ seq }) => seq > 0);
}
