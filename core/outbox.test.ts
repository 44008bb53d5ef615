import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextOutboxAlarm, shardOf } from "./outbox.ts";

const MINUTE_MS = 60_000;

describe("the outbox's alarm", () => {
  test("is off when the sink has everything", () => {
    expect(nextOutboxAlarm({ isBehind: false, failures: 3 }, 0)).toBeNull();
    expect(nextOutboxAlarm({ isBehind: true, failures: 0 }, 0)).toBe(MINUTE_MS);
  });

  test.each([
    [0, 1],
    [1, 2],
    [2, 4],
    [4, 16],
    [5, 16],
    [1_000, 16],
  ])("after %i failures in a row looks again in %i minutes", (failures, minutes) => {
    const now = 7 * MINUTE_MS + 1;
    const at = nextOutboxAlarm({ isBehind: true, failures }, now);
    expect(at).toBe((7 + minutes) * MINUTE_MS);
  });

  test("is the same moment for everything that is written within a minute, and always to come", () => {
    const behind = { isBehind: true, failures: 0 };
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: MINUTE_MS - 1 }), (minute, ms) => {
        const now = minute * MINUTE_MS + ms;
        expect(nextOutboxAlarm(behind, now)).toBe((minute + 1) * MINUTE_MS);
        expect(nextOutboxAlarm(behind, now)).toBeGreaterThan(now);
      }),
    );
  });
});

describe("the shard of a conversation", () => {
  test("never changes: these are stored in shards already", () => {
    expect(["team-1", "alice_bob", ""].map((id) => shardOf(id, 16))).toEqual([6, 3, 5]);
  });

  test("is one of those there are", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 4_096 }), (id, shards) => {
        const shard = shardOf(id, shards);
        expect(Number.isInteger(shard) && shard >= 0 && shard < shards).toBe(true);
        expect(shardOf(id, shards)).toBe(shard);
      }),
    );
  });

  test("is used about evenly by ids that differ little", () => {
    const counts = Array.from({ length: 16 }, () => 0);
    for (let n = 0; n < 16_000; n++) {
      const shard = shardOf(`team-${n}`, 16);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(700);
    expect(Math.max(...counts)).toBeLessThan(1_300);
  });
});
