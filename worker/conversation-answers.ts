import { messageView } from "../core/message-view.ts";
import type { ConversationView } from "../durable-objects/rpc.ts";
import { directPair } from "../protocol/ids.ts";
import { isoTime } from "./iso-time.ts";

/** A conversation as the list shows it to one member. */
export function conversationSummary(view: ConversationView, readerId: string) {
  const { conversationId, lastMessage } = view;
  return {
    _id: conversationId,
    id: conversationId,
    conversationId,
    type: view.type,
    name: view.name ?? nameOfOther(view, readerId),
    avatarFileId: null,
    memberCount: view.memberCount,
    lastMessage: lastMessage === null ? null : messageView(conversationId, lastMessage, isoTime),
    lastSeq: view.head,
    myRole: view.myRole,
    createdAt: isoTime(view.createdAt),
    updatedAt: isoTime(lastMessage?.at ?? view.createdAt),
  };
}

export function conversationView(view: ConversationView, readerId: string) {
  return { ...conversationSummary(view, readerId), members: view.members };
}

/** A direct conversation bears the other one's name. */
function nameOfOther(view: ConversationView, readerId: string): string | null {
  if (directPair(view.conversationId) === null) return null;
  return view.members.find(({ userId }) => userId !== readerId)?.name ?? null;
}
