import type { BroadcastRpc } from "./rpc/broadcast-rpc.ts";
import type { Fetching, ObjectEnv, Objects } from "./object-env.ts";
import type { GatewayRpc } from "./rpc/gateway-rpc.ts";

/** The deployment's bindings; texts are read through config.ts only. */
export interface Env extends ObjectEnv {
  BROADCAST: Objects<BroadcastRpc>;
  /** Absent: nobody multiplexes, and there is no Socket.IO. */
  GATEWAY?: Objects<GatewayRpc & Fetching>;
  /** Reports that make a message spam; absent: 1. */
  SPAM_REPORTS?: string;
  AUTH_ISSUER: string;
  AUTH_AUDIENCE: string;
  ACCESS_TOKEN_TTL_S: string;
  CORS_ORIGINS: string;
  /** Secret: private JWK set, the first key signs. Absent where another system issues the tokens. */
  AUTH_SIGNING_KEYS?: string;
  /** Another issuer in place of the accounts kept here: its key set, or its shared secret. See config.ts. */
  AUTH_JWKS_URL?: string;
  JWT_SECRET?: string;
  JWT_ISSUER?: string;
  JWT_AUDIENCE?: string;
  /** Names of its claims, separated by commas; the first one present wins. */
  CLAIMS_USER_ID?: string;
  CLAIMS_NAME?: string;
  CLAIMS_MATRICULE?: string;
  CLAIMS_ROLE?: string;
  /** Secret: signs ids of Socket.IO sessions. Absent: derived from the secret that signs tokens. */
  GATEWAY_SECRET?: string;
  SOCKET_IO_PING_INTERVAL_MS?: string;
  SOCKET_IO_PING_TIMEOUT_MS?: string;
}
