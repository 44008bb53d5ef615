import type { HistoryPage, HistoryQuery } from "../../edge/rpc/conversation-rpc.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { paginationOf } from "../../edge/answers/envelope.ts";
import { route, type Route } from "../api/route.ts";
import { historyQuery, historySchema } from "../api/schemas/message.ts";
import type { TokenHolder } from "../../edge/auth/principal.ts";
import { messageAnswer } from "../../durable-objects/conversation/conversation-answers.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import type { Env } from "../../edge/env.ts";
import { waitForNews } from "../answers/long-poll.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";

export const messageHistory: readonly Route[] = [
  route(
    {
      method: "get",
      path: "/messages",
      summary: "A page of history, ascending: the newest, around or beside a seq, or by number",
      tag: "messages",
      access: "user",
      query: historyQuery,
      answer: historySchema,
      tagged: true,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, query: { conversationId, wait = 0, ...bounds } }) => {
      const query = historyQueryOf(bounds);
      let page = await historyOf(c.env, conversationId, me, query);
      if (wait > 0 && page.messages.length === 0 && query.afterSeq !== undefined) {
        const { signal } = c.req.raw;
        await waitForNews(c.env, conversationId, me, {
          cursor: Math.max(query.afterSeq, page.head),
          seconds: wait,
          signal,
        });
        page = await historyOf(c.env, conversationId, me, query);
      }
      const data = {
        messages: page.messages.map((view) => messageAnswer(conversationId, view)),
        hasMore: page.hasMore,
        firstSeq: page.messages[0]?.event.seq ?? null,
        lastSeq: page.messages.at(-1)?.event.seq ?? query.afterSeq ?? page.head,
      };
      if (query.page === undefined || page.shown === undefined) return { data };
      return { data, pagination: paginationOf(query.page, query.limit, page.shown) };
    },
  ),
];

async function historyOf(
  env: Env,
  id: ConversationId,
  { userId }: TokenHolder,
  query: HistoryQuery,
): Promise<HistoryPage> {
  return accept(await callConversation(env, id, (stub) => stub.history(userId, query)));
}

interface Bounds {
  limit: number;
  beforeSeq?: number | undefined;
  afterSeq?: number | undefined;
  aroundSeq?: number | undefined;
  page?: number | undefined;
}

/** At most one of the bounds; which of two was meant cannot be told. */
function historyQueryOf({ limit, ...bounds }: Bounds): HistoryQuery {
  const given = Object.entries(bounds).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(" and ");
    throw new RefusedError(refusal("INVALID_DATA", `${names} exclude each other`));
  }
  return { limit, ...Object.fromEntries(given) };
}
