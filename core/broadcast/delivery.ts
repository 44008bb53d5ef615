import { ERROR_CODES, type ErrorCode, type Refusal } from "../../protocol/error-codes.ts";
import type { BroadcastId } from "../../protocol/ids.ts";
import { fullJitterMs, type BackoffBounds } from "../backoff.ts";

/** How long a recipient whose conversation does not answer is tried for; what is older than a day is no news. Rule BCT-5. */
export const GIVE_UP_MS = 86_400_000;
/** A wait is at least this long, so that a recipient in trouble is not tried in a tight loop. */
export const LEAST_WAIT_MS = 500;
const WAITS: BackoffBounds = { baseMs: 1_000, capMs: 300_000 };

/** What one try to bring a message to one recipient came to. */
export type Attempt = { type: "stored"; seq: number } | { type: "refused"; refusal: Refusal };

/** How a message stands with one recipient; all but `pending` are final. */
export type DeliveryState =
  | { state: "pending"; attempts: number; dueAt: number; code: ErrorCode | null }
  | { state: "sent"; seq: number }
  | { state: "blocked" }
  | { state: "failed"; code: ErrorCode };

/**
 * What follows from a try. Only what may pass is tried again, by its code, and not for ever; `attempts` counts the tries
 * before this one. `random` is in [0, 1).
 */
export function afterAttempt(
  job: { attempts: number; acceptedAt: number },
  attempt: Attempt,
  now: number,
  random: number,
): DeliveryState {
  if (attempt.type === "stored") return { state: "sent", seq: attempt.seq };
  const { code, retryAfterMs = 0 } = attempt.refusal;
  if (code === "BLOCKED") return { state: "blocked" };
  if (!ERROR_CODES[code].retryable || now - job.acceptedAt >= GIVE_UP_MS) {
    return { state: "failed", code };
  }
  const wait = Math.max(retryAfterMs, LEAST_WAIT_MS + fullJitterMs(job.attempts, WAITS, random));
  return { state: "pending", attempts: job.attempts + 1, dueAt: now + wait, code };
}

/**
 * The key under which message `n` of a list goes into each recipient's conversation: the same for every try, so that a
 * conversation stores it once however often a crash has it sent. Rule BCT-4.
 */
export function deliveryKey(broadcastId: BroadcastId, n: number): string {
  return `bc.${broadcastId}.${n}`;
}
