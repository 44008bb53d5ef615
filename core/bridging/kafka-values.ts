import * as v from "valibot";
import { conversationTypes, MEMBERSHIP_ACTIONS } from "../../protocol/event.ts";
import { memberSchema } from "../../protocol/member.ts";
import { settingsChangeSchema, settingsSchema } from "../../protocol/settings.ts";
import type { CloudEventType } from "./cloud-event.ts";
import { messageFields, svcMessageFields } from "../chat/server-events.ts";

/** What records of the outgoing topics say, for consumers: docs/asyncapi.yaml. core/bridging/event-value.ts writes them. */

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const time = v.pipe(v.string(), v.isoTimestamp());
const id = v.string();

const inConversation = {
  conversationId: id,
  conversation_id: id,
  seq,
  senderId: id,
  timestamp: time,
};

/** `seq` is the change's own place, `targetSeq` that of its message. */
const change = {
  ...inConversation,
  messageId: id,
  targetSeq: seq,
  message_id: id,
  sender_id: id,
  receiver_id: v.nullable(id),
};

const spam = { isSpam: v.boolean(), is_spam: v.boolean() };

/** By `ce_type`. */
export const KAFKA_VALUES = {
  "parley.message.created": v.object({
    eventType: v.literal("MESSAGE_CREATED"),
    ...messageFields,
    /** In place of `metadata` that some document stores refuse. */
    metadataJson: v.exactOptional(v.string()),
    ...svcMessageFields,
  }),
  "parley.message.edited": v.object({
    eventType: v.literal("MESSAGE_EDITED"),
    ...change,
    content: v.string(),
    newContent: v.string(),
    text_content: v.string(),
    version: seq,
    editedAt: time,
  }),
  "parley.message.deleted": v.object({
    eventType: v.literal("MESSAGE_DELETED"),
    ...change,
    status: v.literal("DELETED"),
    content: v.literal(""),
    text_content: v.literal(""),
    deletedAt: time,
  }),
  "parley.message.erased": v.object({
    eventType: v.literal("MESSAGES_ERASED"),
    ...inConversation,
    sender_id: id,
    status: v.literal("DELETED"),
    /** Whose messages they were. */
    userId: id,
    user_id: id,
    /** Places of the messages that are gone. */
    targetSeqs: v.array(seq),
    deletedAt: time,
  }),
  "parley.report.made": v.object({
    eventType: v.literal("MESSAGE_REPORTED"),
    ...change,
    reporterId: id,
    reporter_id: id,
    /** Which version of the message was reported. */
    version: seq,
    reason: v.nullable(v.string()),
    /** How many people have reported it by now. */
    reports: seq,
    ...spam,
  }),
  "parley.report.judged": v.object({
    eventType: v.literal("MESSAGE_JUDGED"),
    ...change,
    ...spam,
  }),
  "parley.message.reaction": v.object({
    eventType: v.literal("MESSAGE_REACTION"),
    ...change,
    emoji: v.string(),
    active: v.boolean(),
  }),
  "parley.conversation.founded": v.object({
    eventType: v.literal("CONVERSATION_FOUNDED"),
    seq: v.literal(0),
    _id: id,
    conversationId: id,
    conversation_id: id,
    type: v.picklist(conversationTypes),
    name: v.nullable(v.string()),
    avatarFileId: v.nullable(id),
    founderId: id,
    members: v.array(memberSchema),
    banned: v.array(id),
    dismissedAt: v.nullable(time),
    settings: settingsSchema,
    createdAt: time,
    timestamp: time,
  }),
  "parley.conversation.membership": v.object({
    eventType: v.literal("CONVERSATION_MEMBERSHIP"),
    ...inConversation,
    action: v.picklist(MEMBERSHIP_ACTIONS),
    members: v.array(memberSchema),
    until: v.exactOptional(time),
    /** With `joined`: the invitation that was used. */
    inviteId: v.exactOptional(id),
    /** With `added`: who came had asked to. */
    requested: v.exactOptional(v.boolean()),
  }),
  "parley.conversation.settings": v.object({
    eventType: v.literal("CONVERSATION_SETTINGS"),
    ...inConversation,
    settings: settingsChangeSchema,
  }),
  "parley.conversation.dismissed": v.object({
    eventType: v.literal("CONVERSATION_DISMISSED"),
    ...inConversation,
    /** How many members it had. */
    memberCount: seq,
  }),
  "parley.file.uploaded": v.object({
    eventType: v.literal("FILE_UPLOADED"),
    ...inConversation,
    fileId: id,
    uploadedBy: id,
    mimeType: v.string(),
    /** Bytes. */
    size: seq,
    uploadedAt: time,
  }),
  "parley.file.deleted": v.object({
    eventType: v.literal("FILE_DELETED"),
    ...inConversation,
    fileId: id,
    deletedBy: id,
    status: v.literal("DELETED"),
    /** Messages that named the file. */
    messageIds: v.array(id),
    deletedAt: time,
  }),
  "parley.conversation.receipts": v.object({
    eventType: v.literal("CONVERSATION_RECEIPTS"),
    conversationId: id,
    conversation_id: id,
    receipts: v.array(
      v.object({
        userId: id,
        user_id: id,
        delivered: seq,
        deliveredAt: time,
        read: seq,
        readAt: time,
      }),
    ),
    timestamp: time,
  }),
} as const satisfies Record<CloudEventType, v.GenericSchema>;

/** Headers of every outgoing record: CloudEvents 1.0 in binary mode, and the trace of the event if it has one. */
export const kafkaHeadersSchema = v.object({
  ce_specversion: v.literal("1.0"),
  ce_id: v.string(),
  ce_source: v.string(),
  ce_type: v.string(),
  ce_time: time,
  "content-type": v.literal("application/json"),
  traceparent: v.exactOptional(v.string()),
  ce_traceparent: v.exactOptional(v.string()),
});

/** A record that its topic's brokers refuse for good points to its event. */
export const deadLetterSchema = v.object({ eventId: id, topic: v.string(), reason: v.string() });
