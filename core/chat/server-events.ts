import * as v from "valibot";
import { SENDABLE_TYPES } from "../../protocol/message.ts";
import { roleSchema } from "../../protocol/member.ts";
import { settingsChangeSchema } from "../../protocol/settings.ts";

/**
 * What the server emits to Socket.IO clients, by name. The code emits no other names; that payloads are as they are
 * described here is tested on what real clients receive. Described for outsiders in docs/asyncapi.yaml.
 */

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const time = v.pipe(v.string(), v.isoTimestamp());
const id = v.string();
const matricule = v.nullable(v.string());
const now = { timestamp: time };
const inConversation = { conversationId: id };
const onMessage = { messageId: id, ...inConversation };

export const chatMessageTypes = v.picklist([...SENDABLE_TYPES, "SYSTEM"]);

/** A message in nGomna's words, as REST and the archive have it too. */
export const messageFields = {
  _id: id,
  id,
  messageId: id,
  conversationId: id,
  seq,
  senderId: id,
  type: chatMessageTypes,
  content: v.string(),
  metadata: v.nullable(v.record(v.string(), v.unknown())),
  attachments: v.array(id),
  /** Those of them that nobody can read any more. */
  deletedAttachments: v.array(id),
  replyTo: v.nullable(id),
  mentions: v.array(id),
  version: count,
  editedAt: v.nullable(time),
  deletedAt: v.nullable(time),
  isSpam: v.boolean(),
  clientMessageId: v.string(),
  createdAt: time,
  timestamp: time,
};

/** The same message in chat-svc's words. */
export const svcMessageFields = {
  message_id: id,
  conversation_id: id,
  sender_id: id,
  receiver_id: v.nullable(id),
  text_content: v.string(),
  attachment_url: v.nullable(v.string()),
  attachment_filename: v.nullable(v.string()),
  attachment_mimetype: v.nullable(v.string()),
  message_type: chatMessageTypes,
  is_spam: v.boolean(),
};

const refused = v.object({
  code: v.string(),
  message: v.string(),
  retryable: v.boolean(),
  errors: v.exactOptional(v.array(v.object({ field: v.string(), problem: v.string() }))),
  lastSeq: v.exactOptional(seq),
  retryAfterMs: v.exactOptional(count),
  /** What the caller named, so that it finds what it asked. */
  clientMessageId: v.exactOptional(v.string()),
  client_message_id: v.exactOptional(v.string()),
  messageId: v.exactOptional(id),
  conversationId: v.exactOptional(id),
  conversation_id: v.exactOptional(id),
  fileId: v.exactOptional(id),
  groupId: v.exactOptional(id),
});
const deleted = { status: v.literal("DELETED"), deletedAt: time, ...now };
const status = v.picklist(["SENT", "DELIVERED", "READ"]);
const receipt = v.object({ ...onMessage, status, ...now });
const presence = v.object({ userId: id, matricule, ...now });
const typing = v.object({ ...inConversation, userId: id, matricule, ...now });
const visit = v.object({ ...inConversation, userId: id, ...now });
const inGroup = { groupId: id };

export const NGOMNA_SERVER_EVENTS = {
  authenticated: v.object({
    success: v.literal(true),
    userId: id,
    matricule,
    name: v.string(),
    nom: v.string(),
    prenom: v.string(),
    role: v.string(),
    /** Entries of the conversation list, as GET /conversations answers them. */
    conversations: v.array(
      v.objectWithRest({ conversationId: id, memberCount: count }, v.unknown()),
    ),
    ...now,
  }),
  auth_error: refused,
  message_error: refused,
  conversation_error: refused,
  status_error: refused,
  group_error: refused,
  message_sent: v.object({
    ...onMessage,
    seq,
    clientMessageId: v.string(),
    status: v.literal("SENT"),
    ...now,
  }),
  newMessage: v.object({
    ...messageFields,
    senderMatricule: matricule,
    reactions: v.array(v.never()),
    status: v.literal("SENT"),
  }),
  messageEdited: v.object({
    ...onMessage,
    newContent: v.string(),
    version: count,
    editedBy: id,
    editedAt: time,
    ...now,
  }),
  messageDeleted: v.object({ ...onMessage, scope: v.picklist(["everyone", "me"]), ...deleted }),
  messageReactionChanged: v.object({
    ...onMessage,
    userId: id,
    emoji: v.string(),
    active: v.boolean(),
    ...now,
  }),
  messageFlagged: v.object({ ...onMessage, isSpam: v.boolean(), ...now }),
  fileDeleted: v.object({ fileId: id, ...inConversation, ...deleted }),
  messageDelivered: receipt,
  messageRead: receipt,
  messageStatusChanged: v.object({ ...onMessage, userId: id, status, upToSeq: seq, ...now }),
  messageStatus: v.object({
    ...onMessage,
    status,
    deliveredTo: v.array(id),
    readBy: v.array(id),
    pending: count,
    deliveredAt: v.nullable(time),
    readAt: v.nullable(time),
    ...now,
  }),
  conversationMarkedRead: v.object({ ...inConversation, readCount: count, readSeq: seq, ...now }),
  conversationRead: v.object({ ...inConversation, readBy: id, readCount: count, ...now }),
  /** Whatever has changed of a list entry; `removed` once the user does not belong to it any more. */
  conversationUpdated: v.objectWithRest(
    {
      ...inConversation,
      ...settingsChangeSchema.entries,
      updatedAt: v.exactOptional(time),
      removed: v.exactOptional(v.literal(true)),
    },
    v.unknown(),
  ),
  conversation_joined: v.object({
    ...inConversation,
    lastSeq: seq,
    readSeq: seq,
    unreadCount: count,
    ...now,
  }),
  conversation_left: v.object({ ...inConversation, ...now }),
  user_joined_conversation: visit,
  user_left_conversation: visit,
  userTyping: typing,
  userStoppedTyping: typing,
  user_connected: presence,
  user_disconnected: presence,
  onlineUsers: v.object({
    users: v.array(v.object({ userId: id, matricule, name: v.string(), lastSeen: time })),
    count,
    ...now,
  }),
  joinedGroup: v.object({ ...inGroup, role: roleSchema, memberCount: count, ...now }),
  leftGroup: v.object({ ...inGroup, ...now }),
  groupMembers: v.object({
    ...inGroup,
    members: v.array(
      v.object({
        userId: id,
        name: v.string(),
        role: roleSchema,
        joinedAt: time,
        online: v.boolean(),
      }),
    ),
    memberCount: count,
    nextCursor: v.nullable(v.string()),
  }),
  notification: v.object({
    id,
    title: v.string(),
    body: v.string(),
    data: v.record(v.string(), v.unknown()),
    ...now,
  }),
  pong: v.object(now),
  server_bye: v.object({ retryAfterMs: count }),
  /** Where recovery starts: the only payload that is text. */
  offset: v.string(),
} as const satisfies Record<string, v.GenericSchema>;

const svcMessage = v.object({
  ...svcMessageFields,
  seq,
  client_message_id: v.string(),
  timestamp: time,
});
const svcTyping = v.object({
  sender_id: id,
  receiver_id: v.nullable(id),
  conversation_id: id,
  userId: id,
});

/** Of the second dialect; what it shares with the first is there. */
export const SVC_SERVER_EVENTS = {
  messageSent: svcMessage,
  newMessage: svcMessage,
  messageFlagged: v.object({
    message_id: id,
    conversation_id: id,
    is_spam: v.boolean(),
    ...now,
  }),
  messageError: v.object({ error: v.string(), ...refused.entries }),
  typing: svcTyping,
  stopTyping: svcTyping,
} as const satisfies Record<string, v.GenericSchema>;

export type ServerEventName = keyof typeof NGOMNA_SERVER_EVENTS | keyof typeof SVC_SERVER_EVENTS;
