import { refusal } from "../../protocol/error-codes.ts";
import type { Config } from "../config.ts";
import type { Env } from "../env.ts";
import { RefusedError } from "../refused-error.ts";
import { AccountStore } from "./account-store.ts";
import { AttemptStore } from "./attempt-store.ts";
import { KnownAddressStore } from "./known-address-store.ts";
import { RefreshTokenStore } from "./refresh-token-store.ts";

export interface Accounts {
  store: AccountStore;
  refreshTokens: RefreshTokenStore;
  attempts: AttemptStore;
  knownAddresses: KnownAddressStore;
}

/** The accounts of this deployment; null where another system keeps them. */
export function accountsIn({ DB }: Env, config: Config): Accounts | null {
  if (DB === undefined || config.issuer.type !== "own") return null;
  return {
    store: new AccountStore(DB),
    refreshTokens: new RefreshTokenStore(DB),
    attempts: new AttemptStore(DB),
    knownAddresses: new KnownAddressStore(DB),
  };
}

/** The same, out of the route where there are none. */
export function accountsOf(env: Env, config: Config): Accounts {
  const accounts = accountsIn(env, config);
  if (accounts === null) {
    throw new RefusedError(refusal("NOT_FOUND", "accounts are not kept here"));
  }
  return accounts;
}
