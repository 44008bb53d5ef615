import { messageIdOf, type ConversationId } from "../../protocol/ids.ts";
import type { OutboxEvent, OutboxReceipt } from "../../protocol/outbox-frames.ts";
import { receiverOf } from "../chat/chat-svc.ts";
import { conversationDocument, messageDocument } from "./archive-document.ts";
import type { TimeWriter } from "../message-view.ts";

/** What a record of an event says. `eventType` names the event in the style of the organisation's other topics. */
export function eventValue<Time>(
  conversationId: ConversationId,
  event: OutboxEvent,
  time: TimeWriter<Time>,
) {
  switch (event.type) {
    case "message":
      return { eventType: "MESSAGE_CREATED", ...messageDocument(conversationId, event, time) };
    case "edited":
      return {
        eventType: "MESSAGE_EDITED",
        ...changeFields(conversationId, event, time),
        content: event.content,
        newContent: event.content,
        text_content: event.content,
        version: event.version,
        editedAt: time(event.at),
      };
    case "deleted":
      return {
        eventType: "MESSAGE_DELETED",
        ...changeFields(conversationId, event, time),
        status: "DELETED",
        content: "",
        text_content: "",
        deletedAt: time(event.at),
      };
    case "erased":
      return erasedValue(conversationId, event, time);
    case "reported":
      return { eventType: "MESSAGE_REPORTED", ...reportFields(conversationId, event, time) };
    case "judged":
      return { eventType: "MESSAGE_JUDGED", ...spamFields(conversationId, event, time) };
    case "reaction":
      return {
        eventType: "MESSAGE_REACTION",
        ...changeFields(conversationId, event, time),
        emoji: event.emoji,
        active: event.active,
      };
    case "founded":
      return foundedValue(conversationId, event, time);
    case "membership":
      return membershipValue(conversationId, event, time);
    case "settings":
      return {
        eventType: "CONVERSATION_SETTINGS",
        ...conversationFields(conversationId, event, time),
        settings: event.settings,
      };
    case "fileUploaded":
      return {
        eventType: "FILE_UPLOADED",
        ...conversationFields(conversationId, event, time),
        fileId: event.fileId,
        uploadedBy: event.senderId,
        mimeType: event.mimeType,
        size: event.size,
        uploadedAt: time(event.at),
      };
    case "fileDeleted":
      return {
        eventType: "FILE_DELETED",
        ...conversationFields(conversationId, event, time),
        fileId: event.fileId,
        deletedBy: event.senderId,
        status: "DELETED",
        messageIds: event.targets.map((target) => messageIdOf(conversationId, target)),
        deletedAt: time(event.at),
      };
    case "dismissed":
      return {
        eventType: "CONVERSATION_DISMISSED",
        ...conversationFields(conversationId, event, time),
        memberCount: event.memberCount,
      };
  }
}

function foundedValue<Time>(
  conversationId: ConversationId,
  event: Extract<OutboxEvent, { type: "founded" }>,
  time: TimeWriter<Time>,
) {
  const { appliedSeq: _counts, ...document } = conversationDocument(conversationId, event, time);
  return {
    eventType: "CONVERSATION_FOUNDED",
    seq: event.seq,
    ...document,
    conversation_id: conversationId,
    timestamp: time(event.at),
  };
}

/** The newest cursors of some members. Consumers keep the largest of each: a repeat or a late record says less. */
export function receiptsValue<Time>(
  conversationId: ConversationId,
  receipts: readonly OutboxReceipt[],
  time: TimeWriter<Time>,
) {
  return {
    eventType: "CONVERSATION_RECEIPTS",
    conversationId,
    conversation_id: conversationId,
    receipts: receipts.map(({ userId, delivered, deliveredAt, read, readAt }) => ({
      userId,
      user_id: userId,
      delivered,
      deliveredAt: time(deliveredAt),
      read,
      readAt: time(readAt),
    })),
    timestamp: time(newest(receipts)),
  };
}

/** When the newest of the receipts moved; epoch ms. */
export function newest(receipts: readonly OutboxReceipt[]): number {
  return receipts.reduce(
    (latest, { deliveredAt, readAt }) => Math.max(latest, deliveredAt, readAt),
    0,
  );
}

function erasedValue<Time>(
  conversationId: ConversationId,
  event: Extract<OutboxEvent, { type: "erased" }>,
  time: TimeWriter<Time>,
) {
  return {
    eventType: "MESSAGES_ERASED",
    ...conversationFields(conversationId, event, time),
    sender_id: event.senderId,
    status: "DELETED",
    userId: event.userId,
    user_id: event.userId,
    targetSeqs: event.targets,
    deletedAt: time(event.at),
  };
}

function membershipValue<Time>(
  conversationId: ConversationId,
  event: Extract<OutboxEvent, { type: "membership" }>,
  time: TimeWriter<Time>,
) {
  const { action, members, until, inviteId, requested } = event;
  return {
    eventType: "CONVERSATION_MEMBERSHIP",
    ...conversationFields(conversationId, event, time),
    action,
    members,
    ...(until === undefined ? {} : { until: time(until) }),
    ...(inviteId === undefined ? {} : { inviteId }),
    ...(requested === undefined ? {} : { requested }),
  };
}

type MessageChange = Extract<
  OutboxEvent,
  { type: "edited" | "deleted" | "reaction" | "reported" | "judged" }
>;

/** `seq` is the event's own place, `targetSeq` its message's; `senderId` is who changed it. */
function changeFields<Time>(
  conversationId: ConversationId,
  event: MessageChange,
  time: TimeWriter<Time>,
) {
  const messageId = messageIdOf(conversationId, event.target);
  return {
    ...conversationFields(conversationId, event, time),
    messageId,
    targetSeq: event.target,
    message_id: messageId,
    sender_id: event.senderId,
    receiver_id: receiverOf(conversationId, event.senderId),
  };
}

/** A report in the words of both systems, as Kafka and the archive have it. */
export function reportFields<Time>(
  conversationId: ConversationId,
  event: Extract<OutboxEvent, { type: "reported" }>,
  time: TimeWriter<Time>,
) {
  const { senderId: reporterId, version, reason, reports } = event;
  return {
    ...spamFields(conversationId, event, time),
    reporterId,
    reporter_id: reporterId,
    version,
    reason,
    reports,
  };
}

function spamFields<Time>(
  conversationId: ConversationId,
  event: Extract<OutboxEvent, { type: "reported" | "judged" }>,
  time: TimeWriter<Time>,
) {
  const { isSpam } = event;
  return { ...changeFields(conversationId, event, time), isSpam, is_spam: isSpam };
}

function conversationFields<Time>(
  conversationId: ConversationId,
  { seq, senderId, at }: OutboxEvent,
  time: TimeWriter<Time>,
) {
  return {
    conversationId,
    conversation_id: conversationId,
    seq,
    senderId,
    timestamp: time(at),
  };
}
