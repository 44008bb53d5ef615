import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pageEnd, resumeFrom } from "./backfill.ts";

const bounds = fc.record({
  events: fc.integer({ min: 1, max: 8 }),
  bytes: fc.integer({ min: 1, max: 100 }),
});
const sizes = fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 30 });

describe("a page", () => {
  test.each([
    [[], { count: 0, more: false }],
    [[10], { count: 1, more: false }],
    [[500], { count: 1, more: false }],
    [[500, 1], { count: 1, more: true }],
    [[40, 40, 20], { count: 3, more: false }],
    [[40, 40, 21], { count: 2, more: true }],
    [[1, 1, 1, 1], { count: 3, more: true }],
  ])("[RES-2] of rows of %j bytes ends at %j", (rows, end) => {
    expect(pageEnd(rows, { events: 3, bytes: 100 })).toEqual(end);
  });

  test("[RES-2] [LIM-7] keeps its bounds, takes at least one, and is as full as they allow", () => {
    fc.assert(
      fc.property(sizes, bounds, (rows, bounds) => {
        const { count, more } = pageEnd(rows, bounds);
        const bytes = rows.slice(0, count).reduce((sum, size) => sum + size, 0);
        expect(count).toBeLessThanOrEqual(bounds.events);
        if (count > 1) expect(bytes).toBeLessThanOrEqual(bounds.bytes);
        expect(count > 0).toBe(rows.length > 0);
        expect(more).toBe(count < rows.length);
        const next = rows[count];
        if (next !== undefined && count < bounds.events) {
          expect(bytes + next).toBeGreaterThan(bounds.bytes);
        }
      }),
    );
  });

  test("[LIM-7] is found without a look behind the first row that does not fit", () => {
    fc.assert(
      fc.property(sizes, bounds, (rows, bounds) => {
        let looks = 0;
        const counted = Iterator.from(rows).map((size) => {
          looks++;
          return size;
        });
        const { count, more } = pageEnd(counted, bounds);
        expect(looks).toBe(count + (more ? 1 : 0));
      }),
    );
  });

  test("[RES-3] one after the other they are the whole log, each row once", () => {
    fc.assert(
      fc.property(sizes, bounds, (log, bounds) => {
        const read: number[] = [];
        for (let more = true; more;) {
          const rows = log.slice(read.length, read.length + bounds.events + 1);
          const page = pageEnd(rows, bounds);
          if (page.more)
            expect(page.count, "a page that holds nothing has no end").toBeGreaterThan(0);
          read.push(...rows.slice(0, page.count));
          more = page.more;
        }
        expect(read).toEqual(log);
      }),
    );
  });
});

describe("a resume", () => {
  const log = { epoch: "e1", head: 10, floor: 0 };

  test.each([
    ["goes on from its cursor", { cursor: 4, epoch: "e1" }, 4],
    ["goes on without knowing the epoch", { cursor: 4 }, 4],
    ["has nothing to read at the head", { cursor: 10, epoch: "e1" }, 10],
    ["of another epoch starts over", { cursor: 4, epoch: "e2" }, 0],
    ["from past the head starts over", { cursor: 11, epoch: "e1" }, 0],
    ["wants the last three", { cursor: 0, last: 3 }, 7],
    ["wants no past at all", { cursor: 0, last: 0 }, 10],
    ["wants more than there is", { cursor: 0, last: 99 }, 0],
    ["has more than the last three", { cursor: 9, last: 3 }, 9],
  ])("[RES-4] that %s", (_name, wish, from) => {
    expect(resumeFrom(wish, log)).toBe(from);
  });

  test("[RES-4] never starts past the head, before the reader's history, or misreads a foreign cursor", () => {
    const wish = fc.record(
      {
        cursor: fc.nat({ max: 30 }),
        last: fc.nat({ max: 30 }),
        epoch: fc.constantFrom("e1", "e2"),
      },
      { requiredKeys: ["cursor"] },
    );
    const ends = fc
      .nat({ max: 20 })
      .chain((head) => fc.record({ head: fc.constant(head), floor: fc.nat({ max: head }) }));
    fc.assert(
      fc.property(wish, ends, (wish, ends) => {
        const from = resumeFrom(wish, { epoch: "e1", ...ends });
        expect(from).toBeLessThanOrEqual(ends.head);
        expect(from).toBeGreaterThanOrEqual(ends.floor);
        if (wish.epoch === "e2" && wish.last === undefined) expect(from).toBe(ends.floor);
      }),
    );
  });
});
