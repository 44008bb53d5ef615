import { refusal } from "../../protocol/error-codes.ts";
import type { Env } from "../env.ts";
import { RefusedError } from "../refused-error.ts";
import { AccountStore } from "./account-store.ts";
import { RefreshTokenStore } from "./refresh-token-store.ts";

/** The accounts of this deployment; out of the route where another system keeps them. */
export function accountsOf(env: Env): { store: AccountStore; refreshTokens: RefreshTokenStore } {
  if (env.DB === undefined) {
    throw new RefusedError(refusal("NOT_FOUND", "accounts are not kept here"));
  }
  return { store: new AccountStore(env.DB), refreshTokens: new RefreshTokenStore(env.DB) };
}
