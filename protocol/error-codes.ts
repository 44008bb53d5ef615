/**
 * The one table from code to HTTP status, WebSocket close code and retryability.
 * `close` is the code used when the failure ends a socket; below 4500 the client may reconnect (close-codes.ts).
 */
export const ERROR_CODES = {
  MISSING_DATA: { status: 400, close: 4500, retryable: false },
  INVALID_DATA: { status: 400, close: 4500, retryable: false },
  INVALID_TOKEN: { status: 401, close: 4501, retryable: false },
  TOKEN_EXPIRED: { status: 401, close: 4401, retryable: false },
  INVALID_CREDENTIALS: { status: 401, close: 4501, retryable: false },
  FORBIDDEN: { status: 403, close: 4503, retryable: false },
  NOT_A_MEMBER: { status: 403, close: 4503, retryable: false },
  MUTED: { status: 403, close: 4503, retryable: false },
  BLOCKED: { status: 403, close: 4503, retryable: false },
  LOCKED: { status: 423, close: 4503, retryable: false },
  NOT_FOUND: { status: 404, close: 4504, retryable: false },
  ALREADY_EXISTS: { status: 409, close: 4500, retryable: false },
  CONFLICT: { status: 409, close: 4500, retryable: false },
  TOO_LARGE: { status: 413, close: 4500, retryable: false },
  UNSUPPORTED_TYPE: { status: 415, close: 4500, retryable: false },
  UPGRADE_REQUIRED: { status: 426, close: 4500, retryable: false },
  RATE_LIMITED: { status: 429, close: 4029, retryable: true },
  INTERNAL: { status: 500, close: 4011, retryable: true },
  UNAVAILABLE: { status: 503, close: 4013, retryable: true },
} as const satisfies Record<string, { status: number; close: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** What went wrong with one field of a body or frame. */
export interface FieldProblem {
  field: string;
  problem: string;
}

/** An expected failure: a code of the table, a sentence for people, and the fields at fault. */
export interface Refusal {
  code: ErrorCode;
  message: string;
  errors?: FieldProblem[];
  /** Milliseconds after which a retry makes sense. */
  retryAfterMs?: number;
  /** With `CONFLICT`: where the log ends. */
  lastSeq?: number;
}

export function refusal(code: ErrorCode, message: string, errors?: FieldProblem[]): Refusal {
  return errors === undefined ? { code, message } : { code, message, errors };
}
