import type { Context } from "hono";
import {
  loginBuckets,
  networkOf,
  registrationBucket,
  type AttemptBucket,
} from "../../core/attempt-bucket.ts";
import { refusal } from "../../protocol/error-codes.ts";
import type { UserId } from "../../protocol/ids.ts";
import type { App } from "../hono.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import { signAccessToken } from "../../edge/auth/access-token.ts";
import type { Account } from "../../edge/auth/account-store.ts";
import { accountsOf } from "../../edge/auth/accounts.ts";
import type { AttemptStore } from "../../edge/auth/attempt-store.ts";
import { verifyPassword } from "./password.ts";
import { requireNotSuspended } from "../../edge/auth/suspensions.ts";

const LOGIN_MAX_CHARS = 254;
const PASSWORD_MAX_CHARS = 128;
const DEVICE_MAX_CHARS = 200;

/** Whose password was right, and which one it was. */
interface LoggedIn {
  account: Account;
  passwordHash: string;
}

/**
 * The account behind a login, if the password is its own. Throttled before anything is compared; the answer and its
 * time are the same for a wrong password and for an account that is not there.
 */
export async function logIn(c: Context<App>, who: string, password: string): Promise<LoggedIn> {
  const { store, attempts, knownAddresses } = accountsOf(c.env, c.var.config);
  const now = Date.now();
  const address = addressOf(c);
  const found = who.length > LOGIN_MAX_CHARS ? null : await store.findLogin(who);
  const isKnown = await knownAddresses.has(found?.account.userId ?? null, address, now);
  const buckets = loginBuckets(who.slice(0, LOGIN_MAX_CHARS), address, isKnown);
  await takeAttempt(attempts, buckets, now);
  const secret = password.slice(0, PASSWORD_MAX_CHARS + 1);
  const verified = await verifyPassword(secret, found?.passwordHash ?? null);
  if (found === null || !verified) throw wrongCredentials();
  await requireNotSuspended(c.env, found.account.userId);
  await attempts.giveBack(buckets, now);
  await knownAddresses.put(found.account.userId, address, now);
  return found;
}

/** That somebody who is signed in already knows the password; guesses are counted as at the login. */
export async function confirmPassword(
  c: Context<App>,
  userId: UserId,
  password: string,
): Promise<void> {
  const { store, attempts } = accountsOf(c.env, c.var.config);
  const now = Date.now();
  const buckets = loginBuckets(userId, addressOf(c), true);
  await takeAttempt(attempts, buckets, now);
  const secret = password.slice(0, PASSWORD_MAX_CHARS + 1);
  if (!(await verifyPassword(secret, await store.passwordHash(userId)))) throw wrongCredentials();
  await attempts.giveBack(buckets, now);
}

/** Before a registration costs anything: an address that makes account after account is slowed down. */
export async function slowDownRegistration(c: Context<App>): Promise<void> {
  const address = addressOf(c);
  if (address === null) return;
  const { attempts } = accountsOf(c.env, c.var.config);
  await takeAttempt(attempts, [registrationBucket(address)], Date.now());
}

/** A new sign-in on one device. */
export async function signIn(c: Context<App>, { account, passwordHash }: LoggedIn) {
  const { refreshTokens } = accountsOf(c.env, c.var.config);
  const device = (c.req.header("user-agent") ?? "").slice(0, DEVICE_MAX_CHARS);
  const used = { device, now: Date.now() };
  const token = await refreshTokens.issue(account.userId, passwordHash, used);
  if (token === null) throw wrongCredentials();
  return credentials(c, account, token);
}

export async function credentials(c: Context<App>, account: Account, refreshToken: string) {
  return {
    user: account,
    accessToken: await signAccessToken(c.var.config, account),
    refreshToken,
    expiresIn: c.var.config.ACCESS_TOKEN_TTL_S,
  };
}

/** Set by the platform, which strips what a client claims; absent on a developer's machine. */
function addressOf(c: Context<App>): string | null {
  const address = c.req.header("cf-connecting-ip");
  return address === undefined ? null : networkOf(address);
}

async function takeAttempt(
  attempts: AttemptStore,
  buckets: readonly AttemptBucket[],
  now: number,
): Promise<void> {
  const retryAfterMs = await attempts.take(buckets, now);
  if (retryAfterMs === 0) return;
  const limited = refusal("RATE_LIMITED", "too many attempts; wait before the next one");
  throw new RefusedError({ ...limited, retryAfterMs });
}

function wrongCredentials(): RefusedError {
  return new RefusedError(refusal("INVALID_CREDENTIALS", "matricule or password is wrong"));
}
