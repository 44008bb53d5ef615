import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ERROR_CODES, refusal, type ErrorCode } from "../../protocol/error-codes.ts";
import { parseBroadcastId } from "../../protocol/ids.ts";
import { clientMessageIdSchema } from "../../protocol/message.ts";
import * as v from "valibot";
import { afterAttempt, deliveryKey, GIVE_UP_MS, LEAST_WAIT_MS, type Attempt } from "./delivery.ts";

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const refused = fc
  .record({ code: fc.constantFrom(...CODES), retryAfterMs: fc.option(fc.nat({ max: 60_000 })) })
  .map(({ code, retryAfterMs }): Attempt => {
    const why = refusal(code, "no");
    return {
      type: "refused",
      refusal: retryAfterMs === null ? why : { ...why, retryAfterMs },
    };
  });
const attempt = fc.oneof(
  fc.nat().map((seq): Attempt => ({ type: "stored", seq })),
  refused,
);

describe("[BCT-5] after a try", () => {
  test("a stored message is sent, whatever went before", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), random, (attempts, age, seq, chance) => {
        const job = { attempts, acceptedAt: 0 };
        const state = afterAttempt(job, { type: "stored", seq }, age, chance);
        expect(state).toEqual({ state: "sent", seq });
      }),
    );
  });

  test("blocked is reported as that; what cannot pass has failed; the rest waits, at least as long as it was told", () => {
    fc.assert(
      fc.property(fc.nat({ max: 100 }), refused, random, (attempts, tried, chance) => {
        if (tried.type !== "refused") throw new Error("a refusal");
        const { code, retryAfterMs = 0 } = tried.refusal;
        const state = afterAttempt({ attempts, acceptedAt: 50 }, tried, 60, chance);
        if (!ERROR_CODES[code].retryable) {
          expect(state).toEqual(
            code === "BLOCKED" ? { state: "blocked" } : { state: "failed", code },
          );
          return;
        }
        if (state.state !== "pending") throw new Error(`is ${state.state}`);
        expect(state).toMatchObject({ attempts: attempts + 1, code });
        expect(state.dueAt - 60).toBeGreaterThanOrEqual(Math.max(retryAfterMs, LEAST_WAIT_MS));
        expect(state.dueAt - 60).toBeLessThanOrEqual(300_000 + LEAST_WAIT_MS);
      }),
    );
  });

  test("any series of tries comes to an end, within a day and one wait", () => {
    fc.assert(
      fc.property(fc.infiniteStream(attempt), fc.infiniteStream(random), (tries, chances) => {
        let job = { attempts: 0, acceptedAt: 0 };
        let now = 0;
        for (;;) {
          const tried = tries.next().value;
          const state = afterAttempt(job, tried, now, chances.next().value);
          if (state.state !== "pending") break;
          expect(now).toBeLessThan(GIVE_UP_MS);
          job = { ...job, attempts: state.attempts };
          now = state.dueAt;
        }
      }),
    );
  });

  test("a conversation that never answers is given up after a day, with its last code", () => {
    const job = { attempts: 300, acceptedAt: 1_000 };
    const gone: Attempt = { type: "refused", refusal: refusal("UNAVAILABLE", "no answer") };
    const before = afterAttempt(job, gone, 1_000 + GIVE_UP_MS - 1, 0);
    expect(before).toMatchObject({ state: "pending", attempts: 301, code: "UNAVAILABLE" });
    expect(afterAttempt(job, gone, 1_000 + GIVE_UP_MS, 0)).toEqual({
      state: "failed",
      code: "UNAVAILABLE",
    });
  });

  test("waits grow", () => {
    const gone: Attempt = { type: "refused", refusal: refusal("UNAVAILABLE", "no answer") };
    const waits = [0, 1, 4, 50].map((attempts) => {
      const state = afterAttempt({ attempts, acceptedAt: 0 }, gone, 0, 0.5);
      return state.state === "pending" ? state.dueAt : null;
    });
    expect(waits).toEqual([1_000, 1_500, 8_500, 150_500]);
  });
});

test("[BCT-4] the key of a delivery is a client message id, and another one for another list or number", () => {
  const id = fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/);
  const n = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const keyOf = (text: string, number: number) => {
    const parsed = parseBroadcastId(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    return deliveryKey(parsed.value, number);
  };
  fc.assert(
    fc.property(id, n, id, n, (oneId, oneN, otherId, otherN) => {
      const key = keyOf(oneId, oneN);
      expect(v.safeParse(clientMessageIdSchema, key).success).toBe(true);
      expect(keyOf(otherId, otherN) === key).toBe(oneId === otherId && oneN === otherN);
    }),
  );
});
