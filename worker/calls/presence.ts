import { isoTime } from "../../edge/iso-time.ts";
import type { UserId } from "../../protocol/ids.ts";
import type { Env } from "../../edge/env.ts";
import { callInbox } from "../../edge/calls/inbox-stub.ts";
import { callForEach } from "../../edge/calls/object-call.ts";

export interface Presence {
  userId: UserId;
  online: boolean;
  lastSeen: string | null;
}

/** Of those people who share a conversation with the asker, and have not blocked him. */
export async function presencesOf(
  env: Env,
  askerId: UserId,
  userIds: readonly UserId[],
): Promise<Presence[]> {
  const conversationIds = await callInbox(env, askerId, (inbox) => inbox.conversationIds());
  const asker = { userId: askerId, conversationIds };
  const found = await callForEach(userIds, async (userId) => {
    const answer = await callInbox(env, userId, (inbox) => inbox.presence(asker));
    if (answer === null) return [];
    const { online, lastSeen } = answer;
    return [{ userId, online, lastSeen: lastSeen === null ? null : isoTime(lastSeen) }];
  });
  return found.flat();
}
