import type { ServerEventName } from "../../core/chat/server-events.ts";
import { ERROR_CODES, refusal, type Refusal } from "../../protocol/error-codes.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import { errorText, logEvent } from "../../edge/log.ts";

/** What became of one event: an event of its own for the caller, and what its callback gets. */
export interface Outcome {
  /** Name of the success event; null when only the callback hears of it. */
  event: ServerEventName | null;
  payload: object;
  /** What starts once the caller has been told. */
  afterwards?: () => void;
}

/** The refusal that a failed call comes to; what nobody expected is logged, and tells a peer nothing. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof RefusedError) return error.refusal;
  if (error instanceof Error && "code" in error && error.code === "UNAVAILABLE") {
    return refusal("UNAVAILABLE", "try again in a moment");
  }
  logEvent("event_failed", { error: errorText(error) });
  return refusal("INTERNAL", "something went wrong here");
}

/** The part of a refusal that a client gets to see. */
export function refusalPayload({ code, message, lastSeq, retryAfterMs, errors }: Refusal): object {
  return {
    code,
    message,
    retryable: ERROR_CODES[code].retryable,
    ...(errors === undefined ? {} : { errors }),
    ...(lastSeq === undefined ? {} : { lastSeq }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
