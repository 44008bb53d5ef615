/** Of one session. Times are epoch ms. */
export interface Heartbeat {
  /** When the next ping is due. */
  readonly dueAt: number;
  /** When the ping that waits for its pong left; null when none waits. */
  readonly pingedAt: number | null;
  /** When the session is given up unless it is heard before. */
  readonly expiresAt: number;
}

export interface HeartbeatTiming {
  pingIntervalMs: number;
  pingTimeoutMs: number;
}

/** How much of the first interval may be cut off, so that first pings of different sessions come together. */
const FIRST_PING_PARTS = 4;

/**
 * All sessions of an object share one clock: ticks at the multiples of the interval. A new session gets its first ping in
 * the last quarter of its first interval, together with whoever is due in the same quarter, and every later one on
 * a tick. So no two pings are further apart than was announced, none follows a handshake at once, and a hundred idle
 * sessions cost one alarm per interval.
 */
export function beginHeartbeat(now: number, timing: HeartbeatTiming): Heartbeat {
  const part = timing.pingIntervalMs / FIRST_PING_PARTS;
  return {
    dueAt: Math.max(now, Math.floor((now + timing.pingIntervalMs) / part) * part),
    pingedAt: null,
    expiresAt: now + timing.pingIntervalMs + timing.pingTimeoutMs,
  };
}

export function nextTick(now: number, { pingIntervalMs }: HeartbeatTiming): number {
  return (Math.floor(now / pingIntervalMs) + 1) * pingIntervalMs;
}

export function pinged(now: number, timing: HeartbeatTiming): Heartbeat {
  return {
    dueAt: nextTick(now, timing),
    pingedAt: now,
    expiresAt: now + timing.pingTimeoutMs,
  };
}

export function ponged(heartbeat: Heartbeat, at: number, timing: HeartbeatTiming): Heartbeat {
  return {
    ...heartbeat,
    pingedAt: null,
    expiresAt: at + timing.pingIntervalMs + timing.pingTimeoutMs,
  };
}
