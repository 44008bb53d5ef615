import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { FrameAllowance, TokenBucket } from "./rate-limit.ts";

describe(TokenBucket, () => {
  test("[LIM-14] a burst at once, then the rate, and the wait it names is enough", () => {
    const bucket = new TokenBucket({ burst: 3, perSecond: 10 }, 0);
    expect([bucket.take(1, 0), bucket.take(1, 0), bucket.take(1, 0)]).toEqual([0, 0, 0]);
    expect(bucket.take(1, 0)).toBe(100);
    expect(bucket.take(1, 50)).toBe(50);
    expect(bucket.take(1, 100)).toBe(0);
  });

  test("[LIM-14] over any time, no more than a burst and the rate gets through", () => {
    const steps = fc.array(fc.nat(500), { maxLength: 200 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 100 }),
        steps,
        (burst, perSecond, waits) => {
          const bucket = new TokenBucket({ burst, perSecond }, 0);
          let now = 0;
          let taken = 0;
          for (const wait of waits) {
            now += wait;
            const waitMs = bucket.take(1, now);
            if (waitMs === 0) taken++;
            expect(taken).toBeLessThanOrEqual(burst + (now * perSecond) / 1_000 + 1e-6);
          }
        },
      ),
    );
  });

  test("a clock that runs back gives nothing away", () => {
    const bucket = new TokenBucket({ burst: 1, perSecond: 1 }, 1_000);
    expect(bucket.take(1, 1_000)).toBe(0);
    expect(bucket.take(1, 0)).toBe(1_000);
  });
});

describe(FrameAllowance, () => {
  test("[LIM-14] frames are a flood only when they are refused in a row", () => {
    const allowance = new FrameAllowance({ burst: 1, perSecond: 1 }, 0);
    for (const now of [0, 1_000]) {
      expect(allowance.take(now)).toBe(0);
      for (let n = 0; n < LIMITS.floodFrames; n++) expect(allowance.take(now)).toBe(1_000);
      expect(allowance.isFlooded).toBe(false);
    }
    allowance.take(1_000);
    expect(allowance.isFlooded).toBe(true);
  });
});
