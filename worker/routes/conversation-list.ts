import { route, type Route } from "../api/route.ts";
import { conversationListSchema, listQuery } from "../api/schemas/conversation.ts";
import { conversationSummary } from "../conversation-answers.ts";
import { listConversations } from "../conversation-list.ts";

export const conversationList: readonly Route[] = [
  route(
    {
      method: "get",
      path: "/conversations",
      summary: "The own conversations, direct and groups, newest activity first",
      tag: "conversations",
      access: "user",
      query: listQuery,
      answer: conversationListSchema,
      tagged: true,
      statuses: [200],
    },
    async ({ c, me, query: { limit, cursor } }) => {
      const query = cursor === undefined ? { limit } : { limit, cursor };
      const { views, totalCount, nextCursor } = await listConversations(c.env, me.userId, query);
      const conversations = views.map((view) => conversationSummary(view, me.userId));
      return { data: { conversations, totalCount, nextCursor } };
    },
  ),
];
