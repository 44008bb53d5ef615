import type * as v from "valibot";
import type { BroadcastProgress, BroadcastView, Delivery } from "../../edge/rpc/broadcast-rpc.ts";
import { isoTime } from "../../edge/iso-time.ts";
import {
  directConversationId,
  messageIdOf,
  type BroadcastId,
  type UserId,
} from "../../protocol/ids.ts";
import type { broadcastSummarySchema, progressSchema } from "../api/schemas/broadcast.ts";
import { cursorOf } from "../../edge/answers/cursor.ts";

/** A list as the list of lists shows it: without the recipients, who may be a thousand. */
export function broadcastSummary(view: BroadcastView): v.InferInput<typeof broadcastSummarySchema> {
  const { broadcastId, name, ownerId, recipientIds, messageCount } = view;
  return {
    broadcastId,
    name,
    ownerId,
    adminIds: [...view.adminIds],
    recipientCount: recipientIds.length,
    messageCount,
    createdAt: isoTime(view.createdAt),
    updatedAt: isoTime(view.updatedAt),
  };
}

export function broadcastAnswer(view: BroadcastView) {
  return { ...broadcastSummary(view), recipientIds: [...view.recipientIds] };
}

export function progressAnswer(
  broadcastId: BroadcastId,
  progress: BroadcastProgress,
): v.InferInput<typeof progressSchema> {
  const { n, senderId, message, acceptedAt, completedAt, counts, deliveries, hasMore } = progress;
  const last = deliveries.at(-1);
  return {
    broadcastId,
    n,
    senderId,
    type: message.type,
    content: message.content,
    metadata: message.metadata ?? null,
    createdAt: isoTime(acceptedAt),
    completedAt: completedAt === null ? null : isoTime(completedAt),
    counts,
    recipients: deliveries.map((delivery) => recipientAnswer(senderId, delivery)),
    nextCursor: hasMore && last !== undefined ? cursorOf(last.place) : null,
  };
}

function recipientAnswer(senderId: UserId, { userId, state, seq, code }: Delivery) {
  if (seq === null) return { userId, state, messageId: null, conversationId: null, code };
  const conversationId = directConversationId(senderId, userId);
  return { userId, state, messageId: messageIdOf(conversationId, seq), conversationId, code };
}
