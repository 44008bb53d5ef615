import { eventText, type LogRow } from "../core/event-text.ts";
import type { MessageEvent } from "../protocol/event.ts";
import { refusal, type Refusal } from "../protocol/error-codes.ts";
import type { UserId } from "../protocol/ids.ts";
import { LIMITS } from "../protocol/limits.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { ConversationView, HistoryPage, HistoryQuery } from "./rpc.ts";

/** The conversation as one member sees it. */
export function viewOf(
  state: ConversationState,
  readerId: UserId,
): Result<ConversationView, Refusal> {
  const { charter } = state;
  const me = state.members.find(readerId);
  if (charter === null || me === undefined)
    return fail(refusal("NOT_FOUND", "no such conversation"));
  const last = state.log.messagesBefore(state.head + 1, 1)[0];
  return ok({
    ...charter,
    head: state.head,
    members: state.members.first(LIMITS.namedMembers),
    memberCount: state.members.count(),
    myRole: me.role,
    lastMessage: last === undefined ? null : messageEventOf(last),
  });
}

/** One page of messages, ascending; one row more than asked tells whether there are more. */
export function pageOf(state: ConversationState, query: HistoryQuery): HistoryPage {
  const { log, head } = state;
  const more = query.limit + 1;
  if (query.afterSeq !== undefined) {
    const rows = log.messagesAfter(query.afterSeq, more);
    return page(rows.slice(0, query.limit), rows.length > query.limit, head);
  }
  const rows = log.messagesBefore(query.beforeSeq ?? head + 1, more);
  return page(rows.slice(-query.limit), rows.length > query.limit, head);
}

function page(rows: readonly LogRow[], hasMore: boolean, head: number): HistoryPage {
  return { events: rows.map(messageEventOf), hasMore, head };
}

function messageEventOf(row: LogRow): MessageEvent {
  return JSON.parse(eventText(row)) as MessageEvent; // the log store gave a message row
}
