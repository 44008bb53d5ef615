import { messageView } from "../../core/message-view.ts";
import { asMessage } from "../../core/system-message.ts";
import type { ConversationView, MessageView } from "../../edge/rpc/conversation-rpc.ts";
import { directPair, messageIdOf, type ConversationId } from "../../protocol/ids.ts";
import { isoTime } from "../../edge/iso-time.ts";

/** A message as REST shows it, with what stands beside it. */
export function messageAnswer(conversationId: ConversationId, view: MessageView) {
  const { event, reactions, status } = view;
  return { ...messageView(conversationId, asMessage(event), isoTime), reactions, status };
}

/** What is left of a message that somebody took away. */
export function tombstone(
  conversationId: ConversationId,
  seq: number,
  scope: "everyone" | "me",
  at: number,
) {
  const messageId = messageIdOf(conversationId, seq);
  return {
    _id: messageId,
    id: messageId,
    messageId,
    conversationId,
    seq,
    status: "DELETED" as const,
    scope,
    deletedAt: isoTime(at),
    timestamp: isoTime(at),
  };
}

/** A conversation as the list shows it to one member. */
export function conversationSummary(view: ConversationView, readerId: string) {
  const { conversationId, lastMessage } = view;
  return {
    _id: conversationId,
    id: conversationId,
    conversationId,
    type: view.type,
    name: view.name ?? nameOfOther(view, readerId),
    avatarFileId: view.avatarFileId,
    memberCount: view.memberCount,
    lastMessage: lastMessage === null ? null : messageAnswer(conversationId, lastMessage),
    lastSeq: view.head,
    unreadCount: view.me.unread,
    mentionCount: view.me.mentions,
    readSeq: view.me.read,
    deliveredSeq: view.me.delivered,
    myRole: view.myRole,
    createdAt: isoTime(view.createdAt),
    updatedAt: isoTime(lastMessage?.event.at ?? view.createdAt),
  };
}

export function conversationView(view: ConversationView, readerId: string) {
  const { members, settings } = view;
  return { ...conversationSummary(view, readerId), members, settings };
}

/** A direct conversation bears the other one's name. */
function nameOfOther(view: ConversationView, readerId: string): string | null {
  if (directPair(view.conversationId) === null) return null;
  return view.members.find(({ userId }) => userId !== readerId)?.name ?? null;
}
