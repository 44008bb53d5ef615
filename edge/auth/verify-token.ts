import type { Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Config } from "../config.ts";
import type { Env } from "../env.ts";
import { INVALID_TOKEN, verifyAccessToken } from "./access-token.ts";
import type { TokenHolder } from "./principal.ts";
import { ApiKeyStore, looksLikeApiKey } from "./api-key-store.ts";
import { isSuspended, SUSPENDED } from "./suspensions.ts";

/** A service's session lives this long before its key is looked at again. */
const SERVICE_SESSION_MS = 900_000;

/**
 * What every door asks of a token, REST or socket: who it is, that it is good, and that its owner may come in.
 * Throws when an outside issuer's keys, or the keys of services, cannot be had.
 */
export async function verifyToken(
  env: Env,
  config: Config,
  token: string,
): Promise<Result<TokenHolder, Refusal>> {
  const holder = looksLikeApiKey(token)
    ? await verifyApiKey(env, token)
    : await verifyAccessToken(config, token);
  if (!holder.ok) return holder;
  return (await isSuspended(env, holder.value.userId, Date.now())) ? fail(SUSPENDED) : holder;
}

async function verifyApiKey(env: Env, token: string): Promise<Result<TokenHolder, Refusal>> {
  if (env.DB === undefined) return fail(INVALID_TOKEN);
  const key = await new ApiKeyStore(env.DB).verify(token);
  if (key === null) return fail(INVALID_TOKEN);
  const { userId, name } = key;
  const expiresAt = Date.now() + SERVICE_SESSION_MS;
  return ok({ userId, name, matricule: null, role: "service", expiresAt });
}
