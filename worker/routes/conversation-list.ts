import * as v from "valibot";
import type { ListQuery } from "../../edge/rpc/inbox-rpc.ts";
import { route, type Route } from "../api/route.ts";
import {
  conversationListSchema,
  listQuery,
  preferencesBody,
  preferencesSchema,
} from "../api/schemas/conversation-list.ts";
import { inConversation } from "../api/schemas/ids.ts";
import { listConversations, preferConversation } from "../answers/conversation-list.ts";
import { placeOf } from "../../edge/answers/cursor.ts";

const place = v.tuple([v.number(), v.string()]);

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
    async ({ c, me, query }) => {
      const known = c.req.header("if-none-match");
      const answer = await listConversations(c.env, me.userId, {
        query: { ...listQueryOf(query), ...(known === undefined ? {} : { known }) },
        requestId: c.var.requestId,
      });
      const headers = Object.fromEntries(answer.headers);
      if (answer.body === null) return c.body(null, 304, headers);
      return c.body(answer.body, 200, headers);
    },
  ),
  route(
    {
      method: "put",
      path: "/conversations/:conversationId/preferences",
      summary: "Mute, pin, archive or mark as unread, for oneself",
      tag: "conversations",
      access: "user",
      params: inConversation,
      body: preferencesBody,
      answer: preferencesSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { conversationId }, body }) => {
      const preferences = await preferConversation(c.env, me.userId, conversationId, body);
      return { data: { conversationId, ...preferences } };
    },
  ),
];

function listQueryOf(query: v.InferOutput<typeof listQuery>): ListQuery {
  const { limit, cursor, page, updatedSince, type, includeArchived } = query;
  const [activityAt, conversationId] = cursor === undefined ? [] : placeOf(cursor, place);
  return {
    limit,
    includeArchived,
    ...(activityAt === undefined || conversationId === undefined
      ? {}
      : { after: { activityAt, conversationId } }),
    ...(page === undefined ? {} : { page }),
    ...(updatedSince === undefined ? {} : { changedSince: Date.parse(updatedSince) }),
    ...(type === undefined ? {} : { type }),
  };
}
