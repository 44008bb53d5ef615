import { ERROR_CODES, type FieldProblem, type Refusal } from "../protocol/error-codes.ts";

/** Every failure of this SDK. `code` is what programs look at; `message` is for people. */
export abstract class ParleyError extends Error {
  override readonly name: string = "ParleyError";
  abstract readonly code: string;

  /** Whether the same call may succeed later. */
  abstract shouldRetry(): boolean;
}

/** The server said no. `code` is one of the protocol's, or a newer one that this build does not know. */
export class RefusedError extends ParleyError {
  override readonly name = "RefusedError";
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly errors: readonly FieldProblem[];
  readonly #retryable: boolean;

  constructor(refused: Refused) {
    super(refused.message);
    this.code = refused.code;
    this.retryAfterMs = refused.retryAfterMs;
    this.errors = refused.errors ?? [];
    this.#retryable = refused.retryable;
  }

  /** The server's own word for it. */
  shouldRetry(): boolean {
    return this.#retryable;
  }
}

/** A refusal as it came over the wire: any code, and the sender's word on whether to retry. */
export interface Refused {
  code: string;
  message: string;
  retryable: boolean;
  retryAfterMs?: number | undefined;
  errors?: readonly FieldProblem[] | undefined;
}

export function refused(refusal: Refusal): Refused {
  return { ...refusal, retryable: ERROR_CODES[refusal.code].retryable };
}

/** The server was not reached, or the answer did not arrive: what was asked may have happened. */
export class NetworkError extends ParleyError {
  override readonly name = "NetworkError";
  readonly code = "NETWORK";

  constructor(cause: unknown) {
    super("the server could not be reached", { cause });
  }

  shouldRetry(): boolean {
    return true;
  }
}

/** What a user's files may take together is taken, so the server has no room for this one. Rule FIL-3. */
export class QuotaFullError extends ParleyError {
  override readonly name = "QuotaFullError";
  readonly code = "QUOTA_FULL";

  constructor(cause: unknown) {
    super("there is no room for further files", { cause });
  }

  /** Files that were deleted make room in time. */
  shouldRetry(): boolean {
    return false;
  }
}

/** Its caller ended it by a signal. */
export class CancelledError extends ParleyError {
  override readonly name = "CancelledError";
  readonly code = "CANCELLED";

  constructor(cause: unknown) {
    super("it was cancelled", { cause });
  }

  shouldRetry(): boolean {
    return false;
  }
}

/** The server answered with something that is not its protocol, e.g. a proxy's page. */
export class BadAnswerError extends ParleyError {
  override readonly name = "BadAnswerError";
  readonly code = "BAD_ANSWER";

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }

  /** Asking again the same way gets the same answer. */
  shouldRetry(): boolean {
    return false;
  }
}

/** As many sends wait for their ack as `hello` may list; wait for one of them. */
export class QueueFullError extends ParleyError {
  override readonly name = "QueueFullError";
  readonly code = "QUEUE_FULL";

  constructor() {
    super("too many sends wait for an ack");
  }

  shouldRetry(): boolean {
    return true;
  }
}

/**
 * The session ended before the ack came, so the message may or may not be stored.
 * Sending it in a new session under the same `clientMessageId` cannot make a second one.
 */
export class SessionClosedError extends ParleyError {
  override readonly name = "SessionClosedError";
  readonly code = "SESSION_CLOSED";

  constructor(cause?: ParleyError) {
    super("the session is closed", { cause });
  }

  /** This session stays closed. */
  shouldRetry(): boolean {
    return false;
  }
}

/** An async iteration fell too far behind; start another from the last seq it gave. */
export class SlowConsumerError extends ParleyError {
  override readonly name = "SlowConsumerError";
  readonly code = "SLOW_CONSUMER";

  constructor() {
    super("events came faster than they were read");
  }

  shouldRetry(): boolean {
    return true;
  }
}

/** The server's log is another one than before: what was read is void, and reading starts over. */
export class LogReplacedError extends ParleyError {
  override readonly name = "LogReplacedError";
  readonly code = "LOG_REPLACED";

  constructor() {
    super("the conversation's log was replaced");
  }

  shouldRetry(): boolean {
    return true;
  }
}
