/** Bounds of one page of a resume. */
export interface PageBounds {
  events: number;
  bytes: number;
}

/** Where a page ends: the cursor after it, and whether the log goes on. */
export interface PageEnd {
  count: number;
  more: boolean;
}

/**
 * How many of the rows after a cursor go on one page. `sizes` holds one row more than the page may, if the log has it:
 * that row is the proof that there is more, and nothing behind it is read. A page takes at least one event, however
 * large. Rule RES-2.
 */
export function pageEnd(sizes: Iterable<number>, bounds: PageBounds): PageEnd {
  let bytes = 0;
  let count = 0;
  for (const size of sizes) {
    if (count === bounds.events || (count > 0 && bytes + size > bounds.bytes)) {
      return { count, more: true };
    }
    bytes += size;
    count++;
  }
  return { count, more: false };
}

/** Where a reader wants to start, as `hello` says it. */
export interface ResumeWish {
  cursor: number;
  last?: number | undefined;
  epoch?: string | undefined;
}

/**
 * Where a reader's resume starts: after its cursor, or `last` events before the head, and never before `floor`, which
 * is where its history begins. A cursor of another epoch or past the head belongs to a log that is gone: it is refused
 * by starting over, never misread. Rule RES-4.
 */
export function resumeFrom(
  wish: ResumeWish,
  log: { epoch: string; head: number; floor: number },
): number {
  const isForeign = wish.epoch !== undefined && wish.epoch !== log.epoch;
  const start = isForeign || wish.cursor > log.head ? 0 : wish.cursor;
  const tail = wish.last === undefined ? 0 : log.head - wish.last;
  return Math.max(start, tail, log.floor);
}
