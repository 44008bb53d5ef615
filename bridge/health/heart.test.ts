import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HEARTBEAT_MS } from "../../protocol/heartbeat.ts";
import { quietLog } from "../../tests/support/quiet-log.ts";
import { Heart } from "./heart.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NOTHING_TO_CARRY = {
  sinks: {},
  shards: { total: 0, connected: 0 },
  events: { done: 0, inHand: 0, unreadable: 0 },
};

test("[OBX-10] an edge that is down is unreachable, and healthy with the first beat that it hears again", async () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  let isDown = true;
  const send = async () => {
    if (isDown) throw new TypeError("fetch failed", { cause: refused });
  };
  const heart = new Heart(() => NOTHING_TO_CARRY, send, quietLog);
  expect(heart.edgeHealth()).toEqual({ status: "starting", fault: null, reason: null });
  heart.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(heart.edgeHealth()).toEqual({
    status: "degraded",
    fault: "unreachable",
    reason: "TypeError: fetch failed: connect",
  });
  isDown = false;
  await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
  expect(heart.edgeHealth()).toEqual({ status: "healthy", fault: null, reason: null });
  heart.stop();
});
