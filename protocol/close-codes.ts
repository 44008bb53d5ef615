/**
 * Close codes of native sockets. The range is the rule (CLS-1): 4000–4499 reconnect and resume, 4500–4999 do not.
 * Codes below 4000 belong to RFC 6455: a client treats them as a lost connection and reconnects.
 */
export const CLOSE_CODES = {
  /** The server is going away; reconnect after `bye.retryAfterMs`. */
  going: 4000,
  /** The reader fell behind by more than `bufferedBytes`; reconnect and resume by cursor. */
  slowConsumer: 4008,
  /** A newer bridge owns the shard (outbox sockets only). */
  superseded: 4009,
  /** The server failed; reconnect. */
  internal: 4011,
  unavailable: 4013,
  rateLimited: 4029,
  /** The access token ran out; fetch a new one, then reconnect. */
  tokenExpired: 4401,
  /** Too many frames that break the protocol, or another version of it. */
  protocol: 4500,
  invalidToken: 4501,
  forbidden: 4503,
  notFound: 4504,
} as const;

export function isReconnectable(closeCode: number): boolean {
  return closeCode < 4500;
}
