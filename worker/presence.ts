import { isoTime } from "../durable-objects/iso-time.ts";
import type { UserId } from "../protocol/ids.ts";
import type { Env } from "./env.ts";
import { callInbox } from "./inbox-stub.ts";

export interface Presence {
  userId: UserId;
  online: boolean;
  lastSeen: string | null;
}

/** The platform lets one request have six calls under way; more would only wait. */
const CALLS_AT_ONCE = 6;

/** Of those people who share a conversation with the asker, and have not blocked him. */
export async function presencesOf(
  env: Env,
  askerId: UserId,
  userIds: readonly UserId[],
): Promise<Presence[]> {
  const conversationIds = await callInbox(env, askerId, (inbox) => inbox.conversationIds());
  const asker = { userId: askerId, conversationIds };
  const found: Presence[] = [];
  for (let from = 0; from < userIds.length; from += CALLS_AT_ONCE) {
    const some = userIds.slice(from, from + CALLS_AT_ONCE).map(async (userId) => {
      const answer = await callInbox(env, userId, (inbox) => inbox.presence(asker));
      if (answer === null) return [];
      const { online, lastSeen } = answer;
      return [{ userId, online, lastSeen: lastSeen === null ? null : isoTime(lastSeen) }];
    });
    found.push(...(await Promise.all(some)).flat());
  }
  return found;
}
