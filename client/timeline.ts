import type { ReaderEvent } from "../protocol/event.ts";

/** What a text of events adds to a timeline that ends at a cursor. */
export interface Admission {
  /** The events that continue the timeline, consecutive from the old cursor + 1. */
  fresh: ReaderEvent[];
  cursor: number;
  /** An event was missing: nothing after the hole was admitted, the reader must resume from `cursor`. */
  gap: boolean;
}

/** Keeps a timeline a gapless, ascending prefix of the log: repeats are dropped, a hole stops it. Rule RES-5. */
export function admit(cursor: number, events: readonly ReaderEvent[]): Admission {
  const fresh: ReaderEvent[] = [];
  let end = cursor;
  for (const event of events) {
    if (event.seq <= end) continue;
    if (event.seq > end + 1) return { fresh, cursor: end, gap: true };
    fresh.push(event);
    end = event.seq;
  }
  return { fresh, cursor: end, gap: false };
}
