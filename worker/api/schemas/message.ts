import * as v from "valibot";
import { LIMITS } from "../../../protocol/limits.ts";
import {
  clientMessageIdSchema,
  contentSchema,
  emojiSchema,
  messageDraftSchema,
  SENDABLE_TYPES,
} from "../../../protocol/message.ts";
import { conversationIdSchema, queryLimit, queryNumber, timeSchema } from "./ids.ts";

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const querySeq = queryNumber(0, Number.MAX_SAFE_INTEGER);

const deliveryStatusSchema = v.picklist(["SENT", "DELIVERED", "READ"]);

const reactionCountSchema = v.object({ emoji: v.string(), count, mine: v.boolean() });

/** A message as REST shows it to one member. */
export const messageSchema = v.object({
  _id: v.string(),
  id: v.string(),
  messageId: v.string(),
  conversationId: v.string(),
  seq,
  senderId: v.string(),
  type: v.picklist([...SENDABLE_TYPES, "SYSTEM"]),
  content: v.string(),
  metadata: v.nullable(v.record(v.string(), v.unknown())),
  attachments: v.array(v.string()),
  /** Those of `attachments` that were deleted since. */
  deletedAttachments: v.array(v.string()),
  replyTo: v.nullable(v.string()),
  mentions: v.array(v.string()),
  version: count,
  editedAt: v.nullable(timeSchema),
  deletedAt: v.nullable(timeSchema),
  isSpam: v.boolean(),
  clientMessageId: v.string(),
  createdAt: timeSchema,
  timestamp: timeSchema,
  reactions: v.array(reactionCountSchema),
  status: deliveryStatusSchema,
});

const target = v.object({
  conversationId: v.optional(conversationIdSchema),
  receiverId: v.optional(v.string()),
  senderId: v.optional(v.string()),
  clientMessageId: v.optional(clientMessageIdSchema),
  ifLastSeq: v.optional(seq),
});
export const sendBody = v.intersect([target, messageDraftSchema]);

export const editBody = v.object({ newContent: contentSchema });
export const reactBody = v.object({ emoji: emojiSchema });

export const statusBody = v.object({
  status: v.picklist(["DELIVERED", "READ"]),
  conversationId: v.optional(conversationIdSchema),
  messageIds: v.optional(v.pipe(v.array(v.string()), v.maxLength(LIMITS.historyMax))),
});

/** Seconds that a long poll may wait; below the timeouts of proxies. */
const LONGEST_WAIT_S = 25;

export const historyQuery = v.object({
  conversationId: conversationIdSchema,
  beforeSeq: v.optional(querySeq),
  afterSeq: v.optional(querySeq),
  aroundSeq: v.optional(querySeq),
  page: v.optional(queryNumber(1, 1_000_000)),
  limit: v.optional(queryLimit(LIMITS.historyMax), `${LIMITS.historyDefault}`),
  wait: v.optional(queryNumber(0, LONGEST_WAIT_S)),
});

export const historySchema = v.object({
  messages: v.array(messageSchema),
  /** More of them in the direction that was asked for. */
  hasMore: v.boolean(),
  firstSeq: v.nullable(seq),
  lastSeq: seq,
});

export const versionsSchema = v.object({
  messageId: v.string(),
  versions: v.array(v.object({ version: count, content: v.string(), createdAt: timeSchema })),
});

export const movedSchema = v.object({
  messageId: v.string(),
  status: v.picklist(["DELIVERED", "READ"]),
  /** Messages that this move made read or delivered. */
  modifiedCount: count,
  timestamp: timeSchema,
});

export const messageStatusSchema = v.object({
  messageId: v.string(),
  status: deliveryStatusSchema,
  deliveredTo: v.array(v.string()),
  readBy: v.array(v.string()),
  pending: count,
  deliveredAt: v.nullable(timeSchema),
  readAt: v.nullable(timeSchema),
});

export const reactionsSchema = v.object({
  messageId: v.string(),
  reactions: v.array(reactionCountSchema),
});

export const reactorsSchema = v.object({
  messageId: v.string(),
  reactions: v.array(v.object({ ...reactionCountSchema.entries, userIds: v.array(v.string()) })),
});

export const deleteQuery = v.object({
  scope: v.optional(v.picklist(["everyone", "me"]), "everyone"),
});

/** What is left of a deleted message. */
export const tombstoneSchema = v.object({
  _id: v.string(),
  id: v.string(),
  messageId: v.string(),
  conversationId: v.string(),
  seq,
  status: v.literal("DELETED"),
  scope: v.picklist(["everyone", "me"]),
  deletedAt: timeSchema,
  timestamp: timeSchema,
});
