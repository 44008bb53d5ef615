import { outboxEventText, type LogRow } from "../../core/event-text.ts";
import type { Charter } from "../../core/conversation.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { AuditPage } from "../../edge/rpc/conversation-rpc.ts";
import type { ConversationState } from "./conversation-state.ts";
import { pageOfEvents } from "./event-page.ts";
import { replacedBy } from "./followers/outbox-page.ts";

/** The log after `cursor`, as the archive must come to have it: all read in one turn, so that it is one moment of it. */
export function auditPage(
  state: ConversationState,
  { conversationId, type }: Charter,
  cursor: number,
): AuditPage {
  const entryText = entryTexts(state, cursor);
  const { events, more } = pageOfEvents(state.log.after(cursor), entryText);
  const receipts = more ? [] : [...state.storedReceipts()];
  return {
    conversation: { conversationId, type },
    head: state.head,
    entriesText: `[${events.join(",")}]`,
    receiptsText: JSON.stringify(receipts),
  };
}

function entryTexts(state: ConversationState, cursor: number): (row: LogRow) => string {
  const { messages } = state;
  const [first, last] = [cursor + 1, cursor + LIMITS.pageEvents];
  const versions = messages.versionCounts(first, last);
  const reactions = messages.reactionCounts(first, last);
  return (row) => {
    const event = `{"event":${outboxEventText(row, replacedBy(state, row))}`;
    if (row.type === "message") {
      const standing = row.deletedAt === null ? (reactions.get(row.seq) ?? 0) : 0;
      return `${event},"versions":${versions.get(row.seq) ?? 0},"reactions":${standing}}`;
    }
    return row.type === "reaction" ? `${event},"stands":${stands(state, row)}}` : `${event}}`;
  };
}

function stands({ log, messages }: ConversationState, { senderId, body }: LogRow): boolean {
  // written by changeBodyText alone
  const { target, emoji } = JSON.parse(body) as { target: number; emoji: string };
  const isDeleted = log.message(target)?.deletedAt !== null;
  return !isDeleted && messages.hasReaction(target, senderId, emoji);
}
