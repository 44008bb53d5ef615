import type { DeliveryStatus } from "../../core/receipts/message-status.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { parseMessageId, type ConversationId } from "../../protocol/ids.ts";
import { route, type Route } from "../api/route.ts";
import { onMessage } from "../api/schemas/ids.ts";
import { messageStatusSchema, movedSchema, statusBody } from "../api/schemas/message.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";

export const messageReceipts: readonly Route[] = [
  route(
    {
      method: "put",
      path: "/messages/:messageId/status",
      summary: "Move the own delivered or read cursor up to a message",
      tag: "messages",
      access: "user",
      params: onMessage,
      body: statusBody,
      answer: movedSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { messageId }, body }) => {
      const { conversationId, seq } = messageId;
      if (body.conversationId !== undefined && body.conversationId !== conversationId) {
        throw otherConversation();
      }
      const upTo = Math.max(seq, ...seqsIn(conversationId, body.messageIds ?? []));
      const before = accept(
        await callConversation(c.env, conversationId, (stub) => stub.view(me.userId)),
      );
      const receipt = body.status === "READ" ? { read: upTo } : { delivered: upTo };
      const after = accept(
        await callConversation(c.env, conversationId, (stub) =>
          stub.receive(me.userId, receipt, "now"),
        ),
      );
      const modifiedCount =
        body.status === "READ"
          ? after.readCount
          : Math.max(0, after.delivered - before.me.delivered);
      return {
        data: {
          messageId: `${conversationId}.${seq}`,
          status: body.status,
          modifiedCount,
          timestamp: isoTime(Date.now()),
        },
      };
    },
  ),
  route(
    {
      method: "get",
      path: "/messages/:messageId/status",
      summary: "Who has a message and who has read it",
      tag: "messages",
      access: "user",
      params: onMessage,
      answer: messageStatusSchema,
      tagged: true,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { messageId } }) => {
      const { conversationId, seq } = messageId;
      const found = accept(
        await callConversation(c.env, conversationId, (stub) => stub.status(me.userId, seq)),
      );
      const status: DeliveryStatus = found.status;
      return {
        data: {
          messageId: `${conversationId}.${seq}`,
          status,
          deliveredTo: found.deliveredTo,
          readBy: found.readBy,
          pending: found.pending,
          deliveredAt: found.deliveredAt === null ? null : isoTime(found.deliveredAt),
          readAt: found.readAt === null ? null : isoTime(found.readAt),
        },
      };
    },
  ),
];

/** Places of messages that must all be in one conversation: a cursor moves in one only. */
function seqsIn(conversationId: ConversationId, messageIds: readonly string[]): number[] {
  return messageIds.map((text) => {
    const id = accept(parseMessageId(text));
    if (id.conversationId !== conversationId) throw otherConversation();
    return id.seq;
  });
}

function otherConversation(): RefusedError {
  return new RefusedError(refusal("INVALID_DATA", "a message of another conversation"));
}
