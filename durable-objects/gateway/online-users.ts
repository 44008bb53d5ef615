import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { accept } from "../../edge/refused-error.ts";
import type { MemberPage } from "../../edge/rpc/conversation-rpc.ts";
import type { Call } from "./member-actions.ts";

interface OnlineUser {
  userId: UserId;
  matricule: string | null;
  name: string;
  lastSeen: string;
}

/** Conversations that are looked through when none is named, the ones followed first. */
const CONVERSATIONS_ASKED = 20;
/** Pages of members that are looked through in one conversation. */
const PAGES_ASKED = 5;

/** Who of the people in a conversation, or in all of the caller's, is connected. */
export async function onlineUsers(
  call: Call,
  conversationId: ConversationId | undefined,
): Promise<OnlineUser[]> {
  const { parts, chat } = call;
  if (conversationId !== undefined) return named(call, await onlineIn(call, conversationId));
  const ids = parts.hub.conversationsOf(chat).slice(0, CONVERSATIONS_ASKED);
  const found = await Promise.all(ids.map((id) => onlineIn(call, id)));
  return named(call, new Map(found.flatMap((names) => [...names])));
}

async function onlineIn({ parts, me }: Call, id: ConversationId): Promise<Map<UserId, string>> {
  const names = new Map<UserId, string>();
  let cursor: string | null = "";
  for (let page = 0; page < PAGES_ASKED && cursor !== null; page++) {
    const query: { limit: number; cursor?: string } = { limit: LIMITS.namedMembers };
    if (cursor !== "") query.cursor = cursor;
    const found: MemberPage = accept(
      await parts.calls.call(id, (stub) => stub.members(me.userId, query)),
    );
    const online = new Set(found.online);
    for (const { userId, name } of found.members) {
      if (online.has(userId)) names.set(userId as UserId, name); // the conversation parsed it when he came
    }
    cursor = found.nextCursor;
  }
  return names;
}

async function named({ parts }: Call, names: Map<UserId, string>): Promise<OnlineUser[]> {
  await parts.people.know([...names.keys()]);
  const lastSeen = isoTime(Date.now());
  return [...names].map(([userId, name]) => ({
    userId,
    matricule: parts.people.matriculeOf(userId),
    name,
    lastSeen,
  }));
}
