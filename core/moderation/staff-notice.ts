import type { LogEvent } from "../../protocol/event.ts";
import { messageIdOf, type ConversationId } from "../../protocol/ids.ts";

/** What people do to others in a conversation that leaves a trace with the deployment's staff. Rule MOD-4. */
export const CONVERSATION_ACTIONS = [
  "message_deleted",
  "messages_erased",
  "member_removed",
  "member_banned",
  "member_unbanned",
  "member_muted",
  "conversation_locked",
  "conversation_unlocked",
] as const;

export interface ConversationAction {
  action: (typeof CONVERSATION_ACTIONS)[number];
  /** A user, a conversation or a message. */
  target: string;
  details: Record<string, unknown>;
}

const MEMBER_ACTIONS = {
  removed: "member_removed",
  banned: "member_banned",
  unbanned: "member_unbanned",
  muted: "member_muted",
} as const;

/** What an event says of somebody's action against others; null for one that says nothing of the kind. */
export function conversationAction(
  conversationId: ConversationId,
  event: LogEvent,
): ConversationAction | null {
  switch (event.type) {
    case "deleted":
      return {
        action: "message_deleted",
        target: messageIdOf(conversationId, event.target),
        details: { conversationId },
      };
    case "erased": {
      const messages = event.targets.length;
      return {
        action: "messages_erased",
        target: event.userId,
        details: { conversationId, messages },
      };
    }
    case "membership": {
      const { action, members, until } = event;
      const [member] = members;
      if (member === undefined || !isMemberAction(action)) return null;
      const details = { conversationId, ...(until === undefined ? {} : { until }) };
      return { action: MEMBER_ACTIONS[action], target: member.userId, details };
    }
    case "settings": {
      const { locked } = event.settings;
      if (locked === undefined) return null;
      const action = locked ? "conversation_locked" : "conversation_unlocked";
      return { action, target: conversationId, details: {} };
    }
    default:
      return null;
  }
}

function isMemberAction(action: string): action is keyof typeof MEMBER_ACTIONS {
  return Object.hasOwn(MEMBER_ACTIONS, action);
}
