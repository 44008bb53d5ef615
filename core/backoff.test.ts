import fc from "fast-check";
import { expect, test } from "vitest";
import { fullJitterMs } from "./backoff.ts";

const bounds = { baseMs: 100, capMs: 5_000 };

test("the ceiling doubles with each attempt until the cap", () => {
  const almostOne = 1 - Number.EPSILON;
  const ceilings = [0, 1, 2, 5, 6, 1_000].map((attempt) =>
    fullJitterMs(attempt, bounds, almostOne),
  );
  expect(ceilings).toEqual([99, 199, 399, 3_199, 4_999, 4_999]);
});

test("a wait is never negative and never reaches the cap", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const wait = fullJitterMs(attempt, bounds, random);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThan(bounds.capMs);
      },
    ),
  );
});
