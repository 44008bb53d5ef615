import { messageIdOf } from "../../protocol/ids.ts";
import { route, type Route } from "../api/route.ts";
import { onMessage } from "../api/schemas/ids.ts";
import { reportBody, reportedSchema } from "../api/schemas/moderation.ts";
import { IDEMPOTENCY, idempotencyKey } from "../idempotency-key.ts";
import { reportMessage } from "../moderation/reporting.ts";

export const reports: readonly Route[] = [
  route(
    {
      method: "post",
      path: "/messages/:messageId/reports",
      summary: "Report somebody else's message as spam, once; staff gets to see it",
      tag: "moderation",
      access: "user",
      headers: IDEMPOTENCY,
      params: onMessage,
      body: reportBody,
      answer: reportedSchema,
      statuses: [201, 200],
      refusals: ["FORBIDDEN", "NOT_FOUND"],
    },
    async ({ c, me, params: { messageId }, body: { reason } }) => {
      const reporter = { userId: me.userId, key: idempotencyKey(c), reason };
      const outcome = await reportMessage(c.env, c.var.config, messageId, reporter);
      const { isSpam, reports: count, repeated } = outcome;
      return {
        data: {
          messageId: messageIdOf(messageId.conversationId, messageId.seq),
          isSpam,
          reports: count,
        },
        status: repeated ? 200 : 201,
      };
    },
  ),
];
