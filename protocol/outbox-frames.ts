import * as v from "valibot";
import { conversationTypes, logEventSchema } from "./event.ts";

/** The wire between an Outbox shard and the bridge that dialled it. Rules OBX-1 to OBX-6. */

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** What the bridge must know of a conversation to write both systems' fields. */
export const outboxConversationSchema = v.object({
  conversationId: v.string(),
  type: v.picklist(conversationTypes),
});

export type OutboxConversation = v.InferOutput<typeof outboxConversationSchema>;

/** Shard → bridge: events of one conversation, consecutive, in order. At most one batch per conversation in flight. */
export const batchFrameSchema = v.object({
  type: v.literal("batch"),
  conversation: outboxConversationSchema,
  events: v.pipe(v.array(logEventSchema), v.minLength(1)),
});

/** Shard → bridge, once: which shard this is and the epoch the connection owns it under. */
export const ownedFrameSchema = v.object({
  type: v.literal("owned"),
  shard: v.number(),
  epoch: v.number(),
});

export const shardFrameSchema = v.variant("type", [batchFrameSchema, ownedFrameSchema]);

/** Bridge → shard: everything of the conversation up to `seq` is in Kafka and MongoDB (or the embedded sink). */
export const bridgeAckSchema = v.object({
  type: v.literal("ack"),
  conversationId: v.string(),
  seq,
});

/** Bridge → shard: it takes this many more events; the shard sends none beyond. Rule OBX-4. */
export const creditSchema = v.object({
  type: v.literal("credit"),
  events: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});

export const bridgeFrameSchema = v.variant("type", [bridgeAckSchema, creditSchema]);
export type BridgeFrame = v.InferOutput<typeof bridgeFrameSchema>;
