/** From the dial until the socket is of use, the token included: slow mobile networks need seconds for TLS alone. */
export const READY_WITHIN_MS = 15_000;
/** Shorter than the idle timeouts of the proxies in between. Rule LIV-1. */
export const PING_EVERY_MS = 25_000;
export const PONG_WITHIN_MS = 10_000;

/** A normal close: the code a browser may give. */
export const NORMAL_CLOSURE = 1000;
/** Private to the client: it hangs up on a socket that went silent or skipped an event, and comes back. */
export const GIVEN_UP = 4000;
