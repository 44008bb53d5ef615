import { fullJitterMs } from "../core/backoff.ts";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import type { ErrorCode } from "../protocol/error-codes.ts";
import { refused, type Refused } from "./errors.ts";

/** Half a second hides a deploy's cut; half a minute is as long as a person waits before reloading by hand. */
const RECONNECT = { baseMs: 500, capMs: 30_000 };

/** A send that was refused for now: the rate limit refills within seconds. */
const RESEND = { baseMs: 500, capMs: 15_000 };

/** Longest wait that a server can impose, so that a wrong number does not strand a client. */
const FLOOR_CAP_MS = 60_000;

/** The wait after a cut: the server's wish, then jitter that grows with each cut in a row. */
export function reconnectMs(attempt: number, floorMs: number, random: number): number {
  return boundedFloorMs(floorMs) + fullJitterMs(attempt, RECONNECT, random);
}

/** The wait before a refused send goes out again. */
export function resendMs(refusals: number, floorMs: number, random: number): number {
  return boundedFloorMs(floorMs) + fullJitterMs(refusals, RESEND, random);
}

/** Longest wait that `reconnectMs` gives. */
export const RECONNECT_MAX_MS = FLOOR_CAP_MS + RECONNECT.capMs;

/** What a terminal close code says, in the words of the error table. */
export function closeRefusal(closeCode: number, reason: string): Refused {
  const code = CODE_OF_CLOSE[closeCode] ?? "INVALID_DATA";
  return refused({ code, message: reason === "" ? `closed with ${closeCode}` : reason });
}

const CODE_OF_CLOSE: Partial<Record<number, ErrorCode>> = {
  [CLOSE_CODES.protocol]: "INVALID_DATA",
  [CLOSE_CODES.invalidToken]: "INVALID_TOKEN",
  [CLOSE_CODES.forbidden]: "FORBIDDEN",
  [CLOSE_CODES.notFound]: "NOT_FOUND",
};

function boundedFloorMs(floorMs: number): number {
  return Math.min(Math.max(floorMs, 0), FLOOR_CAP_MS);
}
