import { errorText, logEvent } from "../log.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import type { Env } from "../env.ts";
import { RefusedError } from "../refused-error.ts";

/**
 * How old the list of suspended people may be when a token is looked at. Live sessions are closed at once; this bounds
 * how long somebody could open a new one with a token that is still good.
 */
const LIST_LIFE_MS = 5_000;

interface SuspensionList {
  until: ReadonlyMap<string, number>;
  readAt: number;
}

const lists = new WeakMap<D1Database, SuspensionList>();

export const SUSPENDED: Refusal = refusal("FORBIDDEN", "this account is suspended");

/**
 * Whether somebody may not come in. One look at the database serves every token of some seconds: it is on no send's
 * way. While the database does not answer, the last list holds, and chat goes on.
 */
export async function isSuspended(env: Env, userId: string, now: number): Promise<boolean> {
  if (env.DB === undefined) return false;
  const { until } = await listOf(env.DB, now);
  return (until.get(userId) ?? 0) > now;
}

/** At sign-in there is time to look at the row itself. */
export async function requireNotSuspended(env: Env, userId: string): Promise<void> {
  const row = await env.DB?.prepare("SELECT 1 FROM suspension WHERE user_id = ? AND until > ?")
    .bind(userId, Date.now())
    .first();
  if (row != null) throw new RefusedError(SUSPENDED);
}

/** Somebody was suspended or let back in through this isolate: it need not wait for the list to age. */
export function forgetSuspensions(db: D1Database): void {
  lists.delete(db);
}

async function listOf(db: D1Database, now: number): Promise<SuspensionList> {
  const known = lists.get(db);
  if (known !== undefined && Math.abs(now - known.readAt) < LIST_LIFE_MS) return known;
  const read = await readList(db, now).catch((error: unknown) => {
    logEvent("suspensions_unread", { error: errorText(error) });
    return { until: known?.until ?? new Map<string, number>(), readAt: now };
  });
  lists.set(db, read);
  return read;
}

async function readList(db: D1Database, now: number): Promise<SuspensionList> {
  const { results } = await db
    .prepare("SELECT user_id, until FROM suspension WHERE until > ?")
    .bind(now)
    .all<{ user_id: string; until: number }>();
  return { until: new Map(results.map((row) => [row.user_id, row.until])), readAt: now };
}
