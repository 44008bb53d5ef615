import * as v from "valibot";
import type { MessageEvent } from "../protocol/event.ts";
import { conversationTypes, messageEventSchema } from "../protocol/event.ts";

/**
 * What this SDK reads of the REST answers. Everything else in them is ignored, so a newer server stays readable.
 */

export const userSchema = v.object({
  userId: v.string(),
  matricule: v.string(),
  name: v.string(),
});
export type User = v.InferOutput<typeof userSchema>;

/** Answer of register, login and refresh; `expiresIn` is seconds. */
export const credentialsSchema = v.object({
  user: userSchema,
  accessToken: v.string(),
  refreshToken: v.string(),
  expiresIn: v.number(),
});
export type Credentials = v.InferOutput<typeof credentialsSchema>;

export const isoTime = v.pipe(
  v.string(),
  v.transform((text) => Date.parse(text)),
  v.check((at) => Number.isFinite(at), "not an ISO 8601 time"),
);

const restMessageSchema = v.object({
  seq: v.number(),
  senderId: v.string(),
  type: messageEventSchema.entries.message.entries.type,
  content: v.string(),
  replyTo: v.nullish(v.string()),
  mentions: v.nullish(v.array(v.string())),
  attachments: v.nullish(v.array(v.string())),
  deletedAttachments: v.nullish(v.array(v.string())),
  metadata: v.nullish(v.record(v.string(), v.unknown())),
  clientMessageId: v.nullish(v.string()),
  createdAt: isoTime,
  version: v.optional(v.number(), 1),
  editedAt: v.nullish(isoTime),
  deletedAt: v.nullish(isoTime),
  isSpam: v.nullish(v.boolean(), false),
});

/** A message as REST writes it, turned into the event that sockets carry: applications see one shape. */
export const messageSchema = v.pipe(restMessageSchema, v.transform(toEvent));

export const conversationSchema = v.object({
  conversationId: v.string(),
  type: v.picklist(conversationTypes),
  name: v.nullable(v.string()),
  lastMessage: v.nullish(messageSchema, null),
  lastSeq: v.number(),
  unreadCount: v.optional(v.number(), 0),
  createdAt: isoTime,
  updatedAt: isoTime,
});
export type ConversationSummary = v.InferOutput<typeof conversationSchema>;

export const conversationPageSchema = v.object({
  conversations: v.array(conversationSchema),
  nextCursor: v.nullish(v.string(), null),
});
export type ConversationPage = v.InferOutput<typeof conversationPageSchema>;

const historyMessageSchema = v.object({
  ...restMessageSchema.entries,
  reactions: v.optional(v.array(v.unknown()), []),
});

/**
 * Ascending. `hasMore`: there are further messages in the direction that was asked for. `reacted`: the seqs of those
 * that bear reactions; `RestClient.reactions` tells whose.
 */
export const historySchema = v.pipe(
  v.object({
    messages: v.array(historyMessageSchema),
    hasMore: v.boolean(),
    lastSeq: v.number(),
  }),
  v.transform(({ messages, hasMore, lastSeq }) => ({
    messages: messages.map(toEvent),
    reacted: messages.filter(({ reactions }) => reactions.length > 0).map(({ seq }) => seq),
    hasMore,
    lastSeq,
  })),
);
export type History = v.InferOutput<typeof historySchema>;

/** One emoji on a message, and who put it there. */
const reactionSchema = v.object({ emoji: v.string(), userIds: v.array(v.string()) });
export type Reaction = v.InferOutput<typeof reactionSchema>;
export const reactionsSchema = v.object({ reactions: v.array(reactionSchema) });

export const userPageSchema = v.object({
  users: v.array(userSchema),
  nextCursor: v.nullish(v.string(), null),
});
export type UserPage = v.InferOutput<typeof userPageSchema>;

/** problem+json, as far as it decides anything. */
export const problemSchema = v.object({
  code: v.string(),
  message: v.optional(v.string()),
  detail: v.optional(v.string()),
  errors: v.optional(v.array(v.object({ field: v.string(), problem: v.string() }))),
});

function toEvent(message: v.InferOutput<typeof restMessageSchema>): MessageEvent {
  const { type, content, replyTo, mentions, attachments, deletedAttachments, metadata } = message;
  const { version, editedAt, deletedAt, isSpam } = message;
  return {
    seq: message.seq,
    at: message.createdAt,
    type: "message",
    senderId: message.senderId,
    clientMessageId: message.clientMessageId ?? "",
    message: {
      type,
      content,
      ...(replyTo == null ? {} : { replyTo }),
      ...(mentions == null ? {} : { mentions }),
      ...(attachments == null ? {} : { attachments }),
      ...(deletedAttachments == null ? {} : { deletedAttachments }),
      ...(metadata == null ? {} : { metadata }),
    },
    ...(version === 1 ? {} : { version }),
    ...(editedAt == null ? {} : { editedAt }),
    ...(deletedAt == null ? {} : { deletedAt }),
    ...(isSpam ? { isSpam } : {}),
  };
}
