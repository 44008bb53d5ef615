import { NO_SUCH_MESSAGE } from "../../core/changes/write-rules.ts";
import type { MemberRecord, StoredMessage } from "../../core/conversation.ts";
import { eventText, hiddenEventText, type LogRow } from "../../core/event-text.ts";
import { isSpam } from "../../core/moderation/message-flag.ts";
import {
  messageStatus,
  type MessageStatus,
  type Recipient,
} from "../../core/receipts/message-status.ts";
import { textSince } from "../../core/sight.ts";
import { may } from "../../core/permissions.ts";
import { ReceiptCounts } from "../../core/receipts/receipt-counts.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { isShown, type ShownEvent } from "../../protocol/event.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Fate, MemberReceipt } from "../../protocol/server-frames.ts";
import type { ConversationState } from "./conversation-state.ts";
import { pageOfEvents } from "./event-page.ts";
import type { MessageStore } from "./stores/message-store.ts";
import type { MessageVersion, ReactionCount } from "../../edge/rpc/conversation-rpc.ts";
import type {
  ConversationView,
  EventPage,
  HistoryPage,
  HistoryQuery,
  MemberPage,
  MessageView,
} from "../../edge/rpc/conversation-rpc.ts";

/** What one member may read of the conversation. Every method is a look, nothing is changed. */
export class ConversationViews {
  readonly #state: ConversationState;

  constructor(state: ConversationState) {
    this.#state = state;
  }

  /** The conversation as one member sees it, in the list of conversations. */
  conversation(reader: MemberRecord): ConversationView {
    const { log, head } = this.#state;
    const [last] = this.#shown(reader, log.shownBefore(head + 1, 1, reader.historyFrom));
    return { ...this.summary(reader), lastMessage: last ?? null };
  }

  /** The same without a look at messages. */
  summary(reader: MemberRecord): Omit<ConversationView, "lastMessage"> {
    const { charter, profile } = this.#founded();
    const { delivered, read } = this.#state.book.receiptOf(reader.userId);
    const named = this.#state.members.named();
    return {
      ...charter,
      ...profile,
      head: this.#state.head,
      members: named.map(({ userId, name, role }) => ({ userId, name, role })),
      memberCount: this.#state.members.count(),
      myRole: reader.role,
      me: { delivered, read, mutedUntil: reader.mutedUntil, ...this.#state.unreadOf(reader) },
    };
  }

  reactors(
    reader: MemberRecord,
    seq: number,
  ): Result<ReturnType<MessageStore["reactors"]>, Refusal> {
    const message = this.message(reader, seq);
    return message.ok ? ok(this.#state.messages.reactors(seq)) : message;
  }

  /** What has come of the reports of a message. */
  reports(seq: number): { isSpam: boolean; reports: number } {
    const reports = this.#state.moderation.reportCount(seq);
    return { isSpam: isSpam(this.#state.log.row(seq)?.flag), reports };
  }

  /** What became of a member's changes; those that are not stored are left out. */
  fates(userId: string, keys: readonly string[]): Fate[] {
    return keys.flatMap((clientMessageId) => {
      const stored = this.#state.log.find(userId, clientMessageId);
      return stored === undefined ? [] : [{ clientMessageId, ...stored }];
    });
  }

  members(
    { cursor, limit }: { cursor?: string; limit: number },
    isOnline: (userId: string) => boolean,
  ): MemberPage {
    const found = this.#state.members.page(limit + 1, cursor);
    const members = found.slice(0, limit);
    const online = members.map(({ userId }) => userId).filter(isOnline);
    const nextCursor = found.length > limit ? (members.at(-1)?.userId ?? null) : null;
    return { members, memberCount: this.#state.members.count(), online, nextCursor };
  }

  /** Receipts of the named members in a small conversation; in a large one they are told as counts. */
  receipts(): MemberReceipt[] {
    if (this.#state.members.isLarge) return [];
    return this.#state.members.named().map(({ userId }) => {
      const { delivered, read } = this.#state.book.storedOf(userId);
      return { userId, delivered, read };
    });
  }

  /** One page of history, ascending; one row more than asked tells whether there are more. */
  history(reader: MemberRecord, query: HistoryQuery): HistoryPage {
    const { log, head } = this.#state;
    const { limit } = query;
    const floor = reader.historyFrom;
    if (query.aroundSeq !== undefined) return this.#around(reader, query.aroundSeq, limit);
    if (query.page !== undefined) return this.#numbered(reader, query.page, limit);
    if (query.afterSeq !== undefined) {
      const rows = log.shownAfter(Math.max(query.afterSeq, floor), limit + 1);
      const messages = this.#shown(reader, rows.slice(0, limit));
      return { messages, hasMore: rows.length > limit, head };
    }
    const rows = log.shownBefore(query.beforeSeq ?? head + 1, limit + 1, floor);
    return {
      messages: this.#shown(reader, rows.slice(-limit)),
      hasMore: rows.length > limit,
      head,
    };
  }

  message(reader: MemberRecord, seq: number): Result<MessageView, Refusal> {
    const row = seq > reader.historyFrom ? this.#state.log.row(seq) : undefined;
    const [view] = row === undefined || !isShown(row) ? [] : this.#shown(reader, [row]);
    return view === undefined ? fail(NO_SUCH_MESSAGE) : ok(view);
  }

  /** The stored message at a seq, as far back as the reader's history goes. */
  visible(reader: MemberRecord, seq: number): StoredMessage | undefined {
    return seq > reader.historyFrom ? this.#state.log.message(seq) : undefined;
  }

  versions(reader: MemberRecord, seq: number): Result<MessageVersion[], Refusal> {
    const message = this.visible(reader, seq);
    if (message === undefined) return fail(NO_SUCH_MESSAGE);
    if (message.senderId !== reader.userId && !may(reader.role, "readOthersVersions")) {
      return fail(refusal("FORBIDDEN", "only its author and moderators see earlier versions"));
    }
    return ok(this.#state.messages.versions(seq));
  }

  /** What became of the newest message that is shown; of none, seq 0. */
  newestStatus(): { seq: number; status: MessageStatus["status"] } {
    const [row] = this.#state.log.shownBefore(this.#state.head + 1, 1);
    return row === undefined
      ? { seq: 0, status: "SENT" }
      : { seq: row.seq, status: this.#statuses()(row) };
  }

  status(reader: MemberRecord, seq: number): Result<MessageStatus, Refusal> {
    const message = this.visible(reader, seq);
    if (message === undefined) return fail(NO_SUCH_MESSAGE);
    const members = this.#state.members.page(LIMITS.members);
    return ok(messageStatus(message, this.#recipients(members)));
  }

  /** Events after a cursor, as this reader gets them. */
  events(reader: MemberRecord, cursor: number): EventPage {
    const { log, head } = this.#state;
    const from = Math.max(cursor, reader.historyFrom);
    const { events, more } = pageOfEvents(log.after(from), this.#textFor(reader, from + 1));
    return {
      events: `[${events.join(",")}]`,
      cursor: from + events.length,
      historyFrom: reader.historyFrom,
      more,
      head,
      epoch: this.#founded().charter.epoch,
    };
  }

  #numbered(reader: MemberRecord, page: number, limit: number): HistoryPage {
    const { log, head } = this.#state;
    const shown = log.shownCount(reader.historyFrom);
    const rows = log.shownPage((page - 1) * limit, limit, reader.historyFrom);
    return { messages: this.#shown(reader, rows), hasMore: page * limit < shown, head, shown };
  }

  #around(reader: MemberRecord, seq: number, limit: number): HistoryPage {
    const { log, head } = this.#state;
    const half = Math.floor(limit / 2);
    const before = log.shownBefore(seq, half + 1, reader.historyFrom);
    const after = log.shownAfter(Math.max(seq - 1, reader.historyFrom), limit - half + 1);
    const rows = [
      ...before.slice(Math.max(before.length - half, 0)),
      ...after.slice(0, limit - half),
    ];
    const hasMore = before.length > half || after.length > limit - half;
    return { messages: this.#shown(reader, rows), hasMore, head };
  }

  /** Rows as history shows them; what the reader has hidden is left out. */
  #shown(reader: MemberRecord, rows: readonly LogRow[]): MessageView[] {
    const [first, last] = [rows[0]?.seq, rows.at(-1)?.seq];
    if (first === undefined || last === undefined) return [];
    const { messages } = this.#state;
    const hidden = messages.hidden(reader.userId, first, last);
    const reactions = messages.reactions(first, last, reader.userId);
    const statusOf = this.#statuses();
    return rows
      .filter(({ seq }) => !hidden.has(seq))
      .map((row) => ({
        event: JSON.parse(eventText(row)) as ShownEvent, // the log store gave a shown row
        reactions: row.deletedAt === null ? (reactions.get(row.seq) ?? NO_REACTIONS) : NO_REACTIONS,
        status: statusOf(row),
      }));
  }

  /** In a small conversation by each recipient's cursor, in a large one by counts of all. */
  #statuses(): (row: LogRow) => MessageStatus["status"] {
    const { members } = this.#state;
    if (!members.isLarge) {
      const recipients = this.#recipients(members.few());
      return (row) => messageStatus(row, recipients).status;
    }
    const others = members.count() - 1;
    const counts = new ReceiptCounts([...this.#state.book.storedCursors()]);
    return ({ seq }) => {
      const { delivered, read } = counts.at(seq);
      return read >= others ? "READ" : delivered >= others ? "DELIVERED" : "SENT";
    };
  }

  #recipients(members: readonly MemberRecord[]): Recipient[] {
    return members.map(({ userId, joinedSeq }) => ({
      userId,
      joinedSeq,
      cursor: this.#state.book.storedOf(userId),
    }));
  }

  /** How one reader gets a row: what he has hidden only keeps its place, as does what tells of messages before his history. */
  #textFor(reader: MemberRecord, first: number): (row: LogRow) => string {
    const { userId, historyFrom } = reader;
    const hidden = this.#state.messages.hidden(userId, first, first + LIMITS.pageEvents);
    if (hidden.size === 0 && historyFrom === 0) return eventText;
    return (row) =>
      hidden.has(row.seq) ? hiddenEventText(row) : textSince(eventText(row), historyFrom);
  }

  #founded() {
    const { founded } = this.#state;
    if (founded === null) throw new Error("a member of a conversation that was never founded");
    return founded;
  }
}

const NO_REACTIONS: ReactionCount[] = [];
