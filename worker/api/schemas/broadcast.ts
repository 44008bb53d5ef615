import * as v from "valibot";
import { ERROR_CODES, type ErrorCode } from "../../../protocol/error-codes.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import {
  clientMessageIdSchema,
  messageDraftSchema,
  SENDABLE_TYPES,
} from "../../../protocol/message.ts";
import {
  broadcastIdSchema,
  cursorText,
  queryLimit,
  queryNumber,
  timeSchema,
  userIdSchema,
} from "./ids.ts";
import { conversationName } from "./names.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const onBroadcast = v.object({ broadcastId: broadcastIdSchema });
export const onBroadcastMessage = v.object({
  broadcastId: broadcastIdSchema,
  n: queryNumber(1, Number.MAX_SAFE_INTEGER),
});

/** Of `recipientIds` and `adminIds`, each counts once. */
export const broadcastBody = v.object({
  name: conversationName,
  recipientIds: v.array(userIdSchema),
  adminIds: v.optional(v.array(userIdSchema), []),
  broadcastId: v.optional(broadcastIdSchema),
});

/** Lists take the place of the ones before; what is left out stays. */
export const broadcastPatch = v.object({
  name: v.exactOptional(conversationName),
  recipientIds: v.exactOptional(v.array(userIdSchema)),
  adminIds: v.exactOptional(v.array(userIdSchema)),
});

export const broadcastSummarySchema = v.object({
  broadcastId: v.string(),
  name: v.string(),
  ownerId: v.string(),
  adminIds: v.array(v.string()),
  recipientCount: count,
  /** Messages that were sent to it: their numbers are 1 to this one. */
  messageCount: count,
  createdAt: timeSchema,
  updatedAt: timeSchema,
});
export const broadcastSchema = v.object({
  ...broadcastSummarySchema.entries,
  recipientIds: v.array(v.string()),
});

/** Lists in one answer: each is asked by itself. */
const MOST_LISTS = 50;

export const broadcastsQuery = v.object({
  cursor: v.optional(cursorText),
  limit: v.optional(queryLimit(MOST_LISTS), `${MOST_LISTS}`),
});
export const broadcastsSchema = v.object({
  broadcasts: v.array(broadcastSummarySchema),
  nextCursor: v.nullable(v.string()),
});

export const broadcastDeletedSchema = v.object({
  broadcastId: v.string(),
  status: v.literal("DELETED"),
  deletedAt: timeSchema,
  /** Recipients who were still to get a message and do not, once for each message. */
  unsent: count,
});

/** A message for everybody: what belongs to one conversation, as its files and messages do, cannot be in it. */
export const broadcastSendBody = v.pipe(
  v.intersect([
    v.object({ clientMessageId: v.optional(clientMessageIdSchema) }),
    messageDraftSchema,
  ]),
  v.check(
    ({ attachments = [], mentions = [], replyTo }) =>
      attachments.length === 0 && mentions.length === 0 && replyTo === undefined,
    "a broadcast has no attachments, mentions or replyTo",
  ),
);

export const acceptedSchema = v.object({
  broadcastId: v.string(),
  n: count,
  senderId: v.string(),
  recipientCount: count,
  createdAt: timeSchema,
});

const STATES = ["pending", "sent", "blocked", "failed"] as const;
const CODES = Object.keys(ERROR_CODES) as ErrorCode[]; // the keys of the one table

export const progressQuery = v.object({
  cursor: v.optional(cursorText),
  limit: v.optional(queryLimit(LIMITS.broadcastRecipients), `${LIMITS.historyMax}`),
  state: v.optional(v.picklist(STATES)),
});
export const progressSchema = v.object({
  broadcastId: v.string(),
  n: count,
  senderId: v.string(),
  type: v.picklist(SENDABLE_TYPES),
  content: v.string(),
  metadata: v.nullable(v.record(v.string(), v.unknown())),
  createdAt: timeSchema,
  /** Null while anybody is pending. */
  completedAt: v.nullable(timeSchema),
  counts: v.object({ pending: count, sent: count, blocked: count, failed: count }),
  recipients: v.array(
    v.object({
      userId: v.string(),
      state: v.picklist(STATES),
      /** Of whom it was sent to. */
      messageId: v.nullable(v.string()),
      conversationId: v.nullable(v.string()),
      /** Why it failed, or what the last try of a pending one met. */
      code: v.nullable(v.picklist(CODES)),
    }),
  ),
  nextCursor: v.nullable(v.string()),
});
