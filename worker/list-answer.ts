import type { ListPage, ListQuery } from "../durable-objects/inbox-rpc.ts";
import { isoTime } from "../durable-objects/iso-time.ts";
import { envelopeText, JsonText, paginationOf } from "./answer.ts";
import { cursorOf } from "./cursor.ts";
import { matchesTag } from "./entity-tag.ts";

/** How a list is asked for, as the worker hands it to an Inbox. */
export interface ListRequest {
  query: ListQuery;
  requestId: string;
}

/**
 * The whole answer to `GET /conversations`, made where the list is: the worker passes its bytes on without looking at
 * them, which for hundreds of conversations is most of the work.
 */
export function listAnswer(list: ListPage, { query, requestId }: ListRequest): Response {
  const { page, limit, known } = query;
  const { next, syncedAt, tag, totalCount } = list;
  const headers = {
    etag: tag,
    // beside the data: of an unchanged list it would be the one thing that changes
    "x-synced-at": isoTime(syncedAt),
  };
  if (matchesTag(known, tag)) return new Response(null, { status: 304, headers });
  const rest = {
    totalCount,
    totalUnreadMessages: list.totalUnread,
    unreadConversations: list.unreadConversations,
    nextCursor: next === null ? null : cursorOf([next.activityAt, next.conversationId]),
    removed: list.removed,
  };
  const data = `{"conversations":${list.conversations},${JSON.stringify(rest).slice(1)}`;
  const pagination = page === undefined ? undefined : paginationOf(page, limit, totalCount);
  return new Response(envelopeText(new JsonText(data), requestId, pagination), {
    headers: { ...headers, "content-type": "application/json" },
  });
}
