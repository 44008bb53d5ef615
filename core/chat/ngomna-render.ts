import type { MessageEvent, ReaderEvent } from "../../protocol/event.ts";
import { messageIdOf, type ConversationId } from "../../protocol/ids.ts";
import { messageView } from "../message-view.ts";
import { asMessage } from "../system-message.ts";
import type { LiveFrame } from "./live-frame.ts";
import type { ServerEventName } from "./server-events.ts";
import type { StatusChange } from "./status-changes.ts";

/** An event for a client: its name and its one object. */
export type Emission = readonly [name: ServerEventName, payload: object];

/** What rendering needs to know beside the event. */
export interface RenderContext {
  time: (at: number) => string;
  matriculeOf: (userId: string) => string | null;
}

export function newMessage(
  conversationId: ConversationId,
  event: MessageEvent,
  { time, matriculeOf }: RenderContext,
) {
  return {
    ...messageView(conversationId, event, time),
    senderMatricule: matriculeOf(event.senderId),
    reactions: [],
    status: "SENT",
  };
}

/** One entry of the log as nGomna's clients hear of it; nothing for what only keeps a place. */
export function renderEvent(
  conversationId: ConversationId,
  event: ReaderEvent,
  context: RenderContext,
): readonly Emission[] {
  const { time } = context;
  switch (event.type) {
    case "message":
      return [["newMessage", newMessage(conversationId, event, context)]];
    case "membership":
    case "dismissed":
      return [["newMessage", newMessage(conversationId, asMessage(event), context)]];
    case "settings": {
      const update = { conversationId, ...event.settings, updatedAt: time(event.at) };
      return [
        ["newMessage", newMessage(conversationId, asMessage(event), context)],
        ["conversationUpdated", update],
      ];
    }
    case "edited": {
      const { target, content, version, senderId } = event;
      return [
        [
          "messageEdited",
          editedPayload({ conversationId, target, content, version, senderId, at: event.at }, time),
        ],
      ];
    }
    case "deleted":
      return [
        [
          "messageDeleted",
          deletedPayload(conversationId, event.target, "everyone", time(event.at)),
        ],
      ];
    case "erased":
      return event.targets.map((target) => [
        "messageDeleted",
        deletedPayload(conversationId, target, "everyone", time(event.at)),
      ]);
    case "flagged": {
      const { target, isSpam, at } = event;
      const messageId = messageIdOf(conversationId, target);
      return [["messageFlagged", { messageId, conversationId, isSpam, timestamp: time(at) }]];
    }
    case "reaction": {
      const { target, senderId: userId, emoji, active, at } = event;
      const messageId = messageIdOf(conversationId, target);
      return [
        [
          "messageReactionChanged",
          { messageId, conversationId, userId, emoji, active, timestamp: time(at) },
        ],
      ];
    }
    case "fileDeleted":
      return [["fileDeleted", fileDeletedPayload(conversationId, event.fileId, time(event.at))]];
    // a place in the log without anything to show, as is what a later version of this code may write
    default:
      return [];
  }
}

export interface Edit {
  conversationId: ConversationId;
  target: number;
  content: string;
  version: number;
  senderId: string;
  at: number;
}

export function editedPayload(edit: Edit, time: RenderContext["time"]) {
  const { conversationId, target, content, version, senderId, at } = edit;
  return {
    messageId: messageIdOf(conversationId, target),
    conversationId,
    newContent: content,
    version,
    editedBy: senderId,
    editedAt: time(at),
    timestamp: time(at),
  };
}

export function deletedPayload(
  conversationId: ConversationId,
  target: number,
  scope: "everyone" | "me",
  timestamp: string,
) {
  return {
    messageId: messageIdOf(conversationId, target),
    conversationId,
    status: "DELETED",
    scope,
    deletedAt: timestamp,
    timestamp,
  };
}

export function fileDeletedPayload(
  conversationId: ConversationId,
  fileId: string,
  timestamp: string,
) {
  return { fileId, conversationId, status: "DELETED", deletedAt: timestamp, timestamp };
}

/** A receipt that moved. Who has read up to the end has read the conversation. */
export function renderStatus(
  conversationId: ConversationId,
  change: StatusChange,
  { head, readCount, timestamp }: { head: number; readCount: number; timestamp: string },
): readonly Emission[] {
  const { userId, status, upToSeq } = change;
  const messageId = messageIdOf(conversationId, upToSeq);
  const changed: Emission = [
    "messageStatusChanged",
    { messageId, conversationId, userId, status, upToSeq, timestamp },
  ];
  if (status !== "READ" || upToSeq < head) return [changed];
  return [changed, ["conversationRead", { conversationId, readBy: userId, readCount, timestamp }]];
}

type Passing = Exclude<LiveFrame, { type: "receipts" | "receiptCounts" | "presence" }>;

/** What passes: who writes, who looks in, what vanished. */
export function renderPassing(
  conversationId: ConversationId,
  frame: Passing,
  { time, matriculeOf }: RenderContext,
  now: number,
): Emission {
  switch (frame.type) {
    case "typing": {
      const { userId, active } = frame;
      const payload = {
        conversationId,
        userId,
        matricule: matriculeOf(userId),
        timestamp: time(now),
      };
      return [active ? "userTyping" : "userStoppedTyping", payload];
    }
    case "visit": {
      const { userId, active } = frame;
      const name = active ? "user_joined_conversation" : "user_left_conversation";
      return [name, { conversationId, userId, timestamp: time(now) }];
    }
    case "joinRequests": {
      const payload = { conversationId, joinRequests: frame.waiting, updatedAt: time(now) };
      return ["conversationUpdated", payload];
    }
    case "hidden":
      return ["messageDeleted", deletedPayload(conversationId, frame.target, "me", time(now))];
  }
}
