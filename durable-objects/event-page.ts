import { pageEnd } from "../core/backfill.ts";
import type { LogRow } from "../core/event-text.ts";
import { LIMITS } from "../protocol/limits.ts";

/** Rows as one page of events within the bounds; `rows` holds one more than a page may, if the log has it. */
export function pageOfEvents(
  rows: readonly LogRow[],
  textOf: (row: LogRow) => string,
): { events: string[]; more: boolean } {
  const events = rows.map(textOf);
  const { count, more } = pageEnd(
    events.map((event) => event.length),
    { events: LIMITS.pageEvents, bytes: LIMITS.pageBytes },
  );
  return { events: events.slice(0, count), more };
}
