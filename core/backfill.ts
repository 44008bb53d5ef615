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
 * How many of the rows read after a cursor go on one page. `sizes` holds one row more than the page may, if the log
 * has it: that row is the proof that there is more. A page takes at least one event, however large. Rule RES-2.
 */
export function pageEnd(sizes: readonly number[], bounds: PageBounds): PageEnd {
  let bytes = 0;
  let count = 0;
  for (const size of sizes) {
    if (count === bounds.events || (count > 0 && bytes + size > bounds.bytes)) break;
    bytes += size;
    count++;
  }
  return { count, more: count < sizes.length };
}

/**
 * Where a reader's resume starts. A cursor of another epoch or past the head belongs to a log that is gone:
 * it is refused by starting over, never misread. Rule RES-4.
 */
export function resumeFrom(
  hello: { cursor: number; epoch?: string | undefined },
  log: { epoch: string; head: number },
): number {
  const foreign = hello.epoch !== undefined && hello.epoch !== log.epoch;
  return foreign || hello.cursor > log.head ? 0 : hello.cursor;
}
