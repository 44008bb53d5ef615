import type { SocketIoRules } from "../../../durable-objects/socket-io/socket-io-server.ts";

export interface EchoEnv {
  PING_INTERVAL_MS: string;
  PING_TIMEOUT_MS: string;
}

const EVICTION_MS = 10_000;

export function echoRules(env: EchoEnv): SocketIoRules {
  const pingIntervalMs = Number(env.PING_INTERVAL_MS);
  return {
    pingIntervalMs,
    pingTimeoutMs: Number(env.PING_TIMEOUT_MS),
    maxPayloadBytes: 1_000_000,
    maxSessions: 500,
    sleeps: pingIntervalMs > EVICTION_MS,
    upgradeTimeoutMs: 10_000,
    bufferedBytes: 1_048_576,
    connectTimeoutMs: 45_000,
    recovery: false,
  };
}
