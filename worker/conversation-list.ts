import type { ConversationView } from "../durable-objects/rpc.ts";
import { callWithin } from "../durable-objects/call.ts";
import type { ConversationId, UserId } from "../protocol/ids.ts";
import { callConversation } from "./conversation-stub.ts";
import type { Env } from "./env.ts";

/** The platform lets one request have six calls under way; more would only wait. */
const CALLS_AT_ONCE = 6;
const INBOX_TIMEOUT_MS = 5_000;

export interface ConversationList {
  views: ConversationView[];
  totalCount: number;
  nextCursor: string | null;
}

/**
 * One page of a user's conversations, newest activity first within the page. Each Conversation is asked itself: it is
 * the authority, so one that the user has left since drops out.
 */
export async function listConversations(
  env: Env,
  userId: UserId,
  query: { limit: number; cursor?: string },
): Promise<ConversationList> {
  const inbox = env.INBOX.getByName(userId);
  const page = await callWithin(INBOX_TIMEOUT_MS, inbox.list(query));
  const views = await viewAll(env, userId, page.conversationIds);
  const newestFirst = views.toSorted((one, other) => lastActivity(other) - lastActivity(one));
  return { views: newestFirst, totalCount: page.totalCount, nextCursor: page.nextCursor };
}

async function viewAll(
  env: Env,
  userId: UserId,
  ids: readonly ConversationId[],
): Promise<ConversationView[]> {
  const views: ConversationView[] = [];
  for (let from = 0; from < ids.length; from += CALLS_AT_ONCE) {
    const some = ids.slice(from, from + CALLS_AT_ONCE);
    const answers = await Promise.all(
      some.map((id) => callConversation(env, id, (stub) => stub.view(userId))),
    );
    for (const answer of answers) if (answer.ok) views.push(answer.value);
  }
  return views;
}

function lastActivity({ lastMessage, createdAt }: ConversationView): number {
  return lastMessage?.event.at ?? createdAt;
}
