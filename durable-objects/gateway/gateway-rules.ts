import * as v from "valibot";
import { LIMITS } from "../../protocol/limits.ts";
import type { SocketIoRules } from "../socket-io/socket-io-server.ts";

/** An idle object is evicted after about this time; one that pings more often never sleeps. */
const EVICTION_MS = 10_000;

const millis = (fallback: string) =>
  v.optional(v.pipe(v.string(), v.regex(/^[1-9][0-9]{1,8}$/), v.transform(Number)), fallback);

const schema = v.object({
  /** What the reference server announces: a client notices a dead connection within their sum. */
  SOCKET_IO_PING_INTERVAL_MS: millis("25000"),
  SOCKET_IO_PING_TIMEOUT_MS: millis("20000"),
});

/** Timing and bounds of Socket.IO connections, as far as the deployment does not leave them to us. */
export function socketIoRules(env: object): SocketIoRules {
  const { SOCKET_IO_PING_INTERVAL_MS: pingIntervalMs, SOCKET_IO_PING_TIMEOUT_MS: pingTimeoutMs } =
    v.parse(schema, env);
  return {
    pingIntervalMs,
    pingTimeoutMs,
    sleeps: pingIntervalMs > EVICTION_MS,
    maxPayloadBytes: LIMITS.socketIoPayloadBytes,
    maxSessions: LIMITS.gatewayConnections,
    upgradeTimeoutMs: 10_000,
    bufferedBytes: LIMITS.bufferedBytes,
    connectTimeoutMs: 45_000,
    recovery: true,
  };
}
