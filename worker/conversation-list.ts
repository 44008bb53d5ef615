import type { ListPage, ListQuery, Preferences } from "../durable-objects/inbox-rpc.ts";
import type { ConversationId, UserId } from "../protocol/ids.ts";
import { callInbox } from "./inbox-stub.ts";
import type { Env } from "./env.ts";
import { NO_SUCH_CONVERSATION } from "../core/changes/write-rules.ts";
import { RefusedError } from "./refused-error.ts";

/** A user's list, as the own Inbox keeps it. */
export function listConversations(env: Env, userId: UserId, query: ListQuery): Promise<ListPage> {
  return callInbox(env, userId, (inbox) => inbox.list(query));
}

export async function preferConversation(
  env: Env,
  userId: UserId,
  conversationId: ConversationId,
  change: Partial<Preferences>,
): Promise<Preferences> {
  const preferences = await callInbox(env, userId, (inbox) => inbox.prefer(conversationId, change));
  if (preferences === null) throw new RefusedError(NO_SUCH_CONVERSATION);
  return preferences;
}
