import type { Member } from "../../protocol/member.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { parseUserId, type UserId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { accountsIn } from "../auth/accounts.ts";
import type { Principal } from "../auth/principal.ts";
import type { Config } from "../config.ts";
import type { Env } from "../env.ts";

/**
 * The people a founder names, with their names. Where accounts live here, somebody who has none is refused;
 * where another system issues the tokens, ids are taken as they are and are their own names.
 */
export async function namedPeople(
  env: Env,
  config: Config,
  ids: readonly string[],
): Promise<Result<{ userId: UserId; name: string }[], Refusal>> {
  const people: { userId: UserId; name: string }[] = [];
  for (const id of ids) {
    const userId = parseUserId(id);
    if (!userId.ok) return userId;
    people.push({ userId: userId.value, name: userId.value });
  }
  const accounts = accountsIn(env, config);
  if (accounts === null) return ok(people);
  const found = await accounts.store.findAll(ids);
  const names = new Map(found.map(({ userId, name }) => [userId, name]));
  const known: typeof people = [];
  for (const { userId } of people) {
    const name = names.get(userId);
    if (name === undefined) return fail(refusal("NOT_FOUND", `no such user: ${userId}`));
    known.push({ userId, name });
  }
  return ok(known);
}

export function memberOf(
  { userId, name }: Pick<Principal, "userId" | "name">,
  role: Member["role"],
): Member {
  return { userId, name, role };
}
