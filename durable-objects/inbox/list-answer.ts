import type { HeldPage } from "./inbox-list.ts";
import type { ListQuery } from "../../edge/rpc/inbox-rpc.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { splicedJson } from "./spliced-json.ts";
import { envelopeAround, paginationOf } from "../../edge/answers/envelope.ts";
import { cursorOf } from "../../edge/answers/cursor.ts";
import { matchesTag } from "../../edge/answers/entity-tag.ts";

/** How a list is asked for, as the worker hands it to an Inbox. */
export interface ListRequest {
  query: ListQuery;
  requestId: string;
}

/**
 * The whole answer to `GET /conversations`, made where the list is: the worker passes its bytes on without looking at
 * them, which for hundreds of conversations is most of the work.
 */
export function listAnswer(list: HeldPage, { query, requestId }: ListRequest): Response {
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
  const pagination = page === undefined ? undefined : paginationOf(page, limit, totalCount);
  const { before, after } = envelopeAround(requestId, pagination);
  const body = splicedJson(
    `${before}{"conversations":[`,
    list.entries,
    `],${JSON.stringify(rest).slice(1)}${after}`,
  );
  return new Response(body, { headers: { ...headers, "content-type": "application/json" } });
}
