import { offsetKey, type RecoveryOffset } from "../../core/chat/recovery-offset.ts";
import { splitName } from "../../core/person-name.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { conversationSummary } from "../../worker/conversation-answers.ts";
import { isoTime } from "../../worker/iso-time.ts";
import { callWithin } from "../call.ts";
import type { ConversationView } from "../rpc.ts";
import type { Person } from "./chat-data.ts";
import type { ChatParts } from "./chat-parts.ts";
import type { Subscriber } from "./subscriber.ts";

const INBOX_TIMEOUT_MS = 5_000;
/** Conversations that a connection follows from the start, the newest first; others once it joins or writes. */
const FOLLOWED_AT_ONCE = 100;
/** The platform lets one request have six calls under way; more would only wait. */
const CALLS_AT_ONCE = 6;
/** Most unread messages that a recovered connection is sent of a conversation that came up while it was away. */
const UNSEEN_MAX = 50;

/**
 * Has a connection follow its user's conversations: from now on, or from where a recovery offset left off. Answers
 * what they look like. Large ones are left out until they are joined, unless the client had joined them.
 */
export async function followAll(
  { gateway, env, hub }: ChatParts,
  subscriber: Subscriber,
  recovered: RecoveryOffset | null,
): Promise<ConversationView[]> {
  const inbox = env.INBOX.getByName(subscriber.userId);
  await callWithin(INBOX_TIMEOUT_MS, inbox.connected(gateway));
  const page = await callWithin(INBOX_TIMEOUT_MS, inbox.list({ limit: FOLLOWED_AT_ONCE }));
  const views: ConversationView[] = [];
  const follow = async (id: ConversationId): Promise<void> => {
    const cursor = recovered?.get(offsetKey(id));
    const from = recovered === null ? undefined : (view: ConversationView) => startOf(view, cursor);
    const followed = await hub.follow(subscriber, id, from === undefined ? {} : { from });
    if (!followed.ok) return;
    views.push(followed.value.view);
    const isLarge = followed.value.view.memberCount > LIMITS.smallConversation;
    if (isLarge && cursor === undefined) hub.unfollow(subscriber, id);
  };
  for (let at = 0; at < page.conversationIds.length; at += CALLS_AT_ONCE) {
    await Promise.all(page.conversationIds.slice(at, at + CALLS_AT_ONCE).map(follow));
  }
  return views.toSorted((one, other) => lastActivity(other) - lastActivity(one));
}

/** The user has no connection here any more. */
export async function signOut({ gateway, env }: ChatParts, userId: UserId): Promise<void> {
  await callWithin(INBOX_TIMEOUT_MS, env.INBOX.getByName(userId).disconnected(gateway));
}

export function authenticatedPayload(
  { userId, name, matricule, role }: Person,
  views: readonly ConversationView[],
): object {
  return {
    success: true,
    userId,
    matricule,
    name,
    ...splitName(name),
    role,
    conversations: views.map((view) => conversationSummary(view, userId)),
    timestamp: isoTime(Date.now()),
  };
}

/** The cursor is the client's word: one that is beyond the log means nothing. */
function startOf(view: ConversationView, cursor: number | undefined): number {
  return cursor === undefined ? unseenFrom(view) : Math.min(cursor, view.head);
}

/** Where a conversation starts for somebody who has not seen it here: with what is unread, if that is not too much. */
export function unseenFrom({ head, me }: ConversationView): number {
  return Math.max(0, head - Math.min(me.unread, UNSEEN_MAX));
}

function lastActivity({ lastMessage, createdAt }: ConversationView): number {
  return lastMessage?.event.at ?? createdAt;
}
