import * as v from "valibot";
import type { ErrorCode } from "./error-codes.ts";
import { conversationTypes, laterEventSchema, readerEventSchema } from "./event.ts";
import { memberSchema, roleSchema } from "./member.ts";
import { settingsSchema } from "./settings.ts";

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A pending change that the log holds: what its ack said. A pending key without a fate was never stored. Rule HEL-4. */
export const fateSchema = v.object({ clientMessageId: v.string(), seq, at: v.number() });
export type Fate = v.InferOutput<typeof fateSchema>;

/** How far one member has got. Rule RCP-1. */
export const memberReceiptSchema = v.object({ userId: v.string(), delivered: seq, read: seq });
export type MemberReceipt = v.InferOutput<typeof memberReceiptSchema>;

/** Answers `hello`. Events after `from` follow in `events` frames. */
export const welcomeSchema = v.object({
  type: v.literal("welcome"),
  version: v.number(),
  conversationId: v.string(),
  epoch: v.string(),
  sessionId: v.string(),
  userId: v.string(),
  head: seq,
  /** Where reading starts: the cursor of `hello`, or what was possible instead. Rule RES-4. */
  from: seq,
  conversation: v.object({
    type: v.picklist(conversationTypes),
    name: v.nullable(v.string()),
    avatarFileId: v.nullable(v.string()),
    createdAt: v.number(),
    settings: settingsSchema,
    /** The first `namedMembers`; `memberCount` counts all. */
    members: v.array(memberSchema),
    memberCount: v.number(),
  }),
  /** The reader's own place. `unread` and `mentions` stop at `unreadMax`. Rule RCP-6. */
  me: v.object({
    role: roleSchema,
    delivered: seq,
    read: seq,
    unread: v.number(),
    mentions: v.number(),
  }),
  /** Of the members named above, in a small conversation; else none. Rule RCP-5. */
  receipts: v.array(memberReceiptSchema),
  /** Members with a live connection here, at most `namedMembers` of them named. Rule LIV-4. */
  online: v.object({ userIds: v.array(v.string()), count: v.number() }),
  fates: v.array(fateSchema),
  /** Where in a second this client should reconnect after a cut, so that thousands do not come at once. Ms. */
  reconnectSlotMs: v.number(),
});

/** Events in seq order. `more`: the resume has further pages, ask with `next`; live events follow the last one. */
export const eventsSchema = v.object({
  type: v.literal("events"),
  events: v.array(v.union([readerEventSchema, laterEventSchema])),
  more: v.optional(v.boolean()),
});

/** The change is durable at `seq`. A repeated one gets the first ack again. Rule ORD-3. */
export const ackSchema = v.object({
  type: v.literal("ack"),
  clientMessageId: v.string(),
  seq,
  at: v.number(),
});

/** A frame was refused. `clientMessageId` names the change it belongs to. Rule ERR-1. */
export const errorSchema = v.object({
  type: v.literal("error"),
  code: v.string(),
  message: v.string(),
  retryable: v.boolean(),
  clientMessageId: v.optional(v.string()),
  retryAfterMs: v.optional(v.number()),
  /** With `CONFLICT`: where the log ends. Rule SND-4. */
  lastSeq: v.optional(seq),
});

/** Receipts that moved, coalesced; only ever forward. Rules RCP-2 and RCP-3. */
export const receiptsSchema = v.object({
  type: v.literal("receipts"),
  receipts: v.array(memberReceiptSchema),
});

/** In a large conversation, to the author: how many others have got a message. Rule RCP-5. */
export const receiptCountsSchema = v.object({
  type: v.literal("receiptCounts"),
  counts: v.array(v.object({ seq, delivered: v.number(), read: v.number() })),
});

/** Somebody else writes, for `typingMs` at most unless it comes again. Rule LIV-3. */
export const typingSchema = v.object({
  type: v.literal("typing"),
  userId: v.string(),
  active: v.boolean(),
});

/** Somebody's first connection to this conversation came, or the last one went. Rule LIV-4. */
export const presenceSchema = v.object({
  type: v.literal("presence"),
  userId: v.string(),
  online: v.boolean(),
});

/** A message that the member has hidden on one device vanishes on the others. Rule CHG-5. */
export const hiddenSchema = v.object({ type: v.literal("hidden"), target: seq });

/** To those who may answer them: how many people wait to become members. Rule ADM-4. */
export const joinRequestsSchema = v.object({
  type: v.literal("joinRequests"),
  waiting: v.number(),
});

export const pongSchema = v.object({ type: v.literal("pong") });

/** The server will close this socket; come back after `retryAfterMs`. */
export const byeSchema = v.object({ type: v.literal("bye"), retryAfterMs: v.number() });

export const serverFrameSchema = v.variant("type", [
  welcomeSchema,
  eventsSchema,
  ackSchema,
  errorSchema,
  receiptsSchema,
  receiptCountsSchema,
  typingSchema,
  presenceSchema,
  hiddenSchema,
  joinRequestsSchema,
  pongSchema,
  byeSchema,
]);
export type ServerFrame = v.InferOutput<typeof serverFrameSchema>;
export type WelcomeFrame = v.InferOutput<typeof welcomeSchema>;
export type EventsFrame = v.InferOutput<typeof eventsSchema>;
export type AckFrame = v.InferOutput<typeof ackSchema>;
export type ErrorFrame = v.InferOutput<typeof errorSchema> & { code: ErrorCode };
