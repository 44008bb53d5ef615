import type { ConversationView } from "../rpc/conversation-rpc.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { directConversationId, type ConversationId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { Result } from "../../protocol/result.ts";
import type { Settings } from "../../protocol/settings.ts";
import type { Principal } from "../auth/principal.ts";
import type { Config } from "../config.ts";
import { callConversation } from "./conversation-stub.ts";
import { memberOf, namedPeople } from "./directory.ts";
import type { Env } from "../env.ts";
import { accept, RefusedError } from "../refused-error.ts";

type Person = Pick<Principal, "userId" | "name">;

export interface Founded {
  created: boolean;
  view: ConversationView;
}

/** The one conversation of two people, founded if it is not there yet. */
export async function openDirect(
  env: Env,
  config: Config,
  me: Principal,
  otherId: string,
): Promise<Founded> {
  if (otherId === me.userId)
    throw new RefusedError(refusal("INVALID_DATA", "the other one is you"));
  const [other] = accept(await namedPeople(env, config, [otherId]));
  if (other === undefined) throw new Error("one id gives one person");
  return accept(await foundDirect(env, me, other));
}

/** The same for two people who are known. */
export function foundDirect(
  env: Env,
  founder: Person,
  other: Person,
): Promise<Result<Founded, Refusal>> {
  const conversationId = directConversationId(founder.userId, other.userId);
  const founding = {
    conversationId,
    type: "direct" as const,
    name: null,
    founderId: founder.userId,
    members: [memberOf(founder, "member"), memberOf(other, "member")],
  };
  return callConversation(env, conversationId, (stub) => stub.found(founding));
}

export interface Group {
  conversationId: ConversationId;
  name: string;
  memberIds: readonly string[];
  settings: Partial<Settings>;
}

/** A group of the founder and others; asking again with the same id answers the first one. */
export async function foundGroup(
  env: Env,
  config: Config,
  me: Principal,
  group: Group,
): Promise<Founded> {
  const others = [...new Set(group.memberIds)].filter((id) => id !== me.userId);
  if (others.length >= LIMITS.foundingMembers) {
    const message = `a group is founded with at most ${LIMITS.foundingMembers} members`;
    throw new RefusedError(refusal("TOO_LARGE", message));
  }
  const people = accept(await namedPeople(env, config, others));
  const founding = {
    conversationId: group.conversationId,
    type: "group" as const,
    name: group.name,
    settings: group.settings,
    founderId: me.userId,
    members: [memberOf(me, "owner"), ...people.map((person) => memberOf(person, "member"))],
  };
  const founded = await callConversation(env, group.conversationId, (stub) => stub.found(founding));
  if (founded.ok) return founded.value;
  if (founded.error.code !== "NOT_FOUND") throw new RefusedError(founded.error);
  // somebody else's group has this id: that it is taken must be said, whose it is is not
  throw new RefusedError(refusal("ALREADY_EXISTS", "this group id is taken"));
}
