import * as v from "valibot";
import {
  conversationTypes,
  deletedEventSchema,
  dismissedEventSchema,
  editedEventSchema,
  fileDeletedEventSchema,
  fileUploadedEventSchema,
  erasedEventSchema,
  foundedEventSchema,
  judgedEventSchema,
  membershipEventSchema,
  messageEventSchema,
  reactionEventSchema,
  reportedEventSchema,
  settingsEventSchema,
} from "./event.ts";
import { traceparentSchema } from "./trace-context.ts";

/** The wire between an Outbox shard and the bridge that dialled it. Rules OBX-1 to OBX-9. */

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const at = v.pipe(v.number(), v.safeInteger());

/** A place that events go to, as its bridge calls it: `kafka`, `mongodb`, `embedded`. Each has a cursor of its own. */
export const sinkNameSchema = v.pipe(v.string(), v.regex(/^[a-z]{1,16}$/));

/** What the bridge must know of a conversation to write both systems' fields. */
export const outboxConversationSchema = v.object({
  conversationId: v.string(),
  type: v.picklist(conversationTypes),
});

export type OutboxConversation = v.InferOutput<typeof outboxConversationSchema>;

/** The text that an edit or a deletion ended, and when it was written; epoch ms. */
export const replacedVersionSchema = v.object({ version: v.number(), at, content: v.string() });
export type ReplacedVersion = v.InferOutput<typeof replacedVersionSchema>;

/** The trace that an event is part of, where its client named one. Rule TRC-1. */
const traced = { traceparent: traceparentSchema };

/**
 * An event as the bridge gets it. A message comes as it stands now, so that nothing that was deleted leaves the edge;
 * what stood before comes with the event that ended it, so that an archive has every version however late it reads.
 */
export const outboxEventSchema = v.variant("type", [
  foundedEventSchema,
  v.object({ ...messageEventSchema.entries, ...traced }),
  v.object({
    ...editedEventSchema.entries,
    ...traced,
    replaced: v.optional(replacedVersionSchema),
  }),
  v.object({
    ...deletedEventSchema.entries,
    ...traced,
    replaced: v.optional(replacedVersionSchema),
  }),
  v.object({ ...erasedEventSchema.entries, ...traced }),
  v.object({ ...reactionEventSchema.entries, ...traced }),
  v.object({ ...membershipEventSchema.entries, ...traced }),
  v.object({ ...settingsEventSchema.entries, ...traced }),
  v.object({ ...fileUploadedEventSchema.entries, ...traced }),
  v.object({ ...fileDeletedEventSchema.entries, ...traced }),
  v.object({ ...dismissedEventSchema.entries, ...traced }),
  v.object({ ...reportedEventSchema.entries, ...traced }),
  v.object({ ...judgedEventSchema.entries, ...traced }),
]);
export type OutboxEvent = v.InferOutput<typeof outboxEventSchema>;

/** How far one member has got, and when each of the two last moved; seqs and epoch ms. */
export const outboxReceiptSchema = v.object({
  userId: v.string(),
  delivered: seq,
  deliveredAt: at,
  read: seq,
  readAt: at,
});
export type OutboxReceipt = v.InferOutput<typeof outboxReceiptSchema>;

/**
 * Shard → bridge: events of one conversation, consecutive, in order, and the newest cursors of members whose receipts
 * have moved since. Either may be empty, not both. At most one batch per conversation in flight. Rules OBX-3 and OBX-9.
 */
export const batchFrameSchema = v.pipe(
  v.object({
    type: v.literal("batch"),
    conversation: outboxConversationSchema,
    events: v.array(outboxEventSchema),
    receipts: v.optional(v.array(outboxReceiptSchema), []),
    /** The log's last seq that the batch reaches: of its last event, or of the batch before it. */
    upTo: seq,
  }),
  v.check(({ events, receipts }) => events.length + receipts.length > 0, "carries nothing"),
);

/** Shard → bridge, once: which shard this is and the epoch the connection owns it under. */
export const ownedFrameSchema = v.object({
  type: v.literal("owned"),
  shard: v.number(),
  epoch: v.number(),
});

export const shardFrameSchema = v.union([batchFrameSchema, ownedFrameSchema]);

/** Bridge → shard: the sink of this connection has everything of the conversation up to `seq`. */
export const bridgeAckSchema = v.object({
  type: v.literal("ack"),
  conversationId: v.string(),
  seq,
});

/** Bridge → shard: it takes this many more events and receipts; the shard sends none beyond. Rule OBX-4. */
export const creditSchema = v.object({
  type: v.literal("credit"),
  events: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});

export const bridgeFrameSchema = v.variant("type", [bridgeAckSchema, creditSchema]);
export type BridgeFrame = v.InferOutput<typeof bridgeFrameSchema>;
