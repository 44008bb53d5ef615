import type { Preferences } from "../../edge/rpc/inbox-rpc.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { callInbox, INBOX_TIMEOUT_MS } from "../../edge/calls/inbox-stub.ts";
import type { ListRequest } from "../../durable-objects/inbox/list-answer.ts";
import { callObject } from "../../edge/calls/object-call.ts";
import type { Env } from "../../edge/env.ts";
import { NO_SUCH_CONVERSATION } from "../../core/changes/write-rules.ts";
import { RefusedError } from "../../edge/refused-error.ts";

/** The answer to who asks for the own list, by the own Inbox. */
export function listConversations(
  env: Env,
  userId: UserId,
  request: ListRequest,
): Promise<Response> {
  const body = JSON.stringify(request);
  return callObject("inbox", INBOX_TIMEOUT_MS, () =>
    env.INBOX.getByName(userId).fetch("https://inbox/list", { method: "POST", body }),
  );
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
