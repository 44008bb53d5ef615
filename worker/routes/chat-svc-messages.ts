import { svcMessage } from "../../core/chat/chat-svc.ts";
import { asMessage } from "../../core/system-message.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { messageIdOf } from "../../protocol/ids.ts";
import { route, type Route } from "../api/route.ts";
import {
  inSvcConversation,
  onSvcMessage,
  svcHistoryQuery,
  svcMessagesSchema,
} from "../api/schemas/chat-svc.ts";
import { reportBody, svcReportedSchema } from "../api/schemas/moderation.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import { IDEMPOTENCY, idempotencyKey } from "../idempotency-key.ts";
import { reportMessage } from "../moderation/reporting.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";

const NO_SUCH_PLACE = refusal("INVALID_DATA", "last_message_id names no message here");

export const chatSvcMessages: readonly Route[] = [
  route(
    {
      method: "get",
      path: "/api/chat/messages/:conversation_id",
      summary: "Messages after one that is known, oldest first; else the newest",
      tag: "messages",
      access: "user",
      params: inSvcConversation,
      query: svcHistoryQuery,
      answer: svcMessagesSchema,
      bare: true,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { conversation_id: id }, query: { last_message_id: last, limit } }) => {
      if (last !== undefined && last.conversationId !== id) throw new RefusedError(NO_SUCH_PLACE);
      const query = last === undefined ? { limit } : { limit, afterSeq: last.seq };
      const page = accept(
        await callConversation(c.env, id, (stub) => stub.history(me.userId, query)),
      );
      if (last !== undefined && last.seq > page.head) throw new RefusedError(NO_SUCH_PLACE);
      return { data: page.messages.map(({ event }) => svcMessage(id, asMessage(event), isoTime)) };
    },
  ),
  route(
    {
      method: "post",
      path: "/api/chat/messages/:message_id/reportSpam",
      summary: "Report somebody else's message as spam, once; staff gets to see it",
      tag: "moderation",
      access: "user",
      headers: IDEMPOTENCY,
      params: onSvcMessage,
      body: reportBody,
      answer: svcReportedSchema,
      bare: true,
      statuses: [200],
      refusals: ["FORBIDDEN", "NOT_FOUND"],
    },
    async ({ c, me, params: { message_id: messageId }, body: { reason } }) => {
      const reporter = { userId: me.userId, key: idempotencyKey(c), reason };
      const outcome = await reportMessage(c.env, c.var.config, messageId, reporter);
      return {
        data: {
          message_id: messageIdOf(messageId.conversationId, messageId.seq),
          is_spam: outcome.isSpam,
          reports: outcome.reports,
        },
      };
    },
  ),
];
