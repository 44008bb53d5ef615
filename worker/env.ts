import type { ObjectEnv } from "../durable-objects/env.ts";

/** The deployment's bindings; texts are read through config.ts only. */
export interface Env extends ObjectEnv {
  /** Accounts. Absent where another system issues the tokens. */
  DB?: D1Database;
  AUTH_ISSUER: string;
  AUTH_AUDIENCE: string;
  ACCESS_TOKEN_TTL_S: string;
  CORS_ORIGINS: string;
  /** Secret: private JWK set, the first key signs. */
  AUTH_SIGNING_KEYS: string;
}
