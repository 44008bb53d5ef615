import type { Actor, OtherChange } from "../../core/changes/change.ts";
import type { Charter, MemberRecord, Profile } from "../../core/conversation.ts";
import type { DeliveryStatus, MessageStatus } from "../../core/receipts/message-status.ts";
import type { Appearance } from "../../core/visibility.ts";
import type { Receipt } from "../../protocol/client-frames.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import type { ConversationType, ShownEvent } from "../../protocol/event.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type { Member, Role } from "../../protocol/member.ts";
import type { MessageBody } from "../../protocol/message.ts";
import type { OutboxConversation } from "../../protocol/outbox-frames.ts";
import type { Result } from "../../protocol/result.ts";
import type { Fate, MemberReceipt } from "../../protocol/server-frames.ts";
import type { Settings } from "../../protocol/settings.ts";
import type { Poke } from "./inbox-rpc.ts";

/** What a Conversation answers. Expected failures are values: RPC keeps only plain data. */

export interface Founding {
  conversationId: ConversationId;
  type: ConversationType;
  name: string | null;
  founderId: UserId;
  members: Member[];
  settings?: Partial<Settings>;
}

/** The conversation as one member sees it. */
export interface ConversationView extends Charter, Profile {
  head: number;
  /** The first `namedMembers`; `memberCount` counts all. */
  members: Member[];
  memberCount: number;
  myRole: Role;
  me: Unread & { delivered: number; read: number; mutedUntil: number };
  /** The newest message, or what the server last said of members or settings; null when there is none. */
  lastMessage: MessageView | null;
}

export interface MessageView {
  event: ShownEvent;
  reactions: ReactionCount[];
  status: DeliveryStatus;
}

/** One message on its way in. `SYSTEM` is taken from the deployment alone. */
export interface Send {
  clientMessageId: string;
  message: MessageBody;
}

/** Messages that are stored together or not at all; one, nearly always. Only if the log ends at `ifLastSeq`. */
export interface SendRequest {
  sends: readonly [Send, ...Send[]];
  ifLastSeq?: number | undefined;
}

/** What one of many senders wants stored. */
export interface Append {
  actor: Actor;
  request: SendRequest;
}

/** Where a change stands in the log; `repeated` when an earlier one with the same key put it there. */
export interface Appended {
  seq: number;
  at: number;
  repeated: boolean;
}

/** Ascending page: the newest `limit` when no bound is given. */
export interface HistoryQuery {
  beforeSeq?: number;
  afterSeq?: number;
  /** Half of the page before this seq, half from it on. */
  aroundSeq?: number;
  /** Counted from the newest, which is 1; for readers that know no cursors: it reads what it skips. */
  page?: number;
  limit: number;
}

export interface HistoryPage {
  messages: MessageView[];
  /** More of them in the direction that was asked for. */
  hasMore: boolean;
  head: number;
  /** With `page`: how many messages there are. */
  shown?: number;
}

/** Events as a reader's socket would get them. `events` is a JSON array; it ends at `cursor`. */
export interface EventPage {
  events: string;
  cursor: number;
  /** Where the reader's history begins. */
  historyFrom: number;
  more: boolean;
  head: number;
  epoch: string;
}

export interface MemberPage {
  members: MemberRecord[];
  memberCount: number;
  /** User ids of the page that have a live connection to this conversation. */
  online: string[];
  nextCursor: string | null;
}

export interface ReceiptOutcome extends Unread, MemberReceipt {
  /** Messages that this move made read. */
  readCount: number;
}

export type Reporting = Extract<OtherChange, { type: "report" }>;

export interface ReportOutcome {
  isSpam: boolean;
  /** How many people have reported the message. */
  reports: number;
  /** This user had reported it before. */
  repeated: boolean;
}

export interface ErasureOutcome {
  /** Messages that this call has erased. */
  erased: number;
  /** False while some are left. */
  done: boolean;
}

export interface ConversationRpc {
  /** Idempotent: a second founding changes nothing and answers the first one's view; a non-member gets NOT_FOUND. */
  found(founding: Founding): Promise<Result<{ created: boolean; view: ConversationView }, Refusal>>;
  view(readerId: UserId): Promise<Result<ConversationView, Refusal>>;
  members(
    readerId: UserId,
    page: { cursor?: string; limit: number },
  ): Promise<Result<MemberPage, Refusal>>;

  append(actor: Actor, request: SendRequest): Promise<Result<Appended[], Refusal>>;
  /** Those that a Gateway has gathered, in their order; each has an outcome of its own. Rule GTW-3. */
  appendAll(appends: readonly Append[]): Promise<Result<Appended[], Refusal>[]>;
  /** Everything but sending; idempotent by its key. */
  change(
    actor: Actor,
    clientMessageId: string,
    change: OtherChange,
  ): Promise<Result<Appended, Refusal>>;
  /** Reports a message once; a repeat answers how it stands now. */
  report(
    userId: UserId,
    clientMessageId: string,
    report: Reporting,
  ): Promise<Result<ReportOutcome, Refusal>>;
  /** Takes away everything that a user has written up to now; what is not done in this call is done right after it. */
  erase(actor: Actor, userId: UserId): Promise<Result<ErasureOutcome, Refusal>>;
  /** Takes a message out of one member's own sight. */
  hide(userId: UserId, seq: number): Promise<Result<{ seq: number }, Refusal>>;
  /**
   * Moves a member's receipt forward, `all` up to the head; answers once it is stored. `now` costs a row, `soon` takes
   * up to a second and shares one with others: for those who speak for many.
   */
  receive(
    userId: UserId,
    receipt: Receipt | "all",
    urgency: "now" | "soon",
  ): Promise<Result<ReceiptOutcome, Refusal>>;
  /** The state of the user's list entry; NOT_FOUND when the user is no member. Rule INB-1. */
  entry(userId: UserId): Promise<Result<Poke, Refusal>>;
  /** Who follows live has a connection at a further Gateway: his Inbox is told again of what changes. Rule INB-4. */
  uncover(userId: UserId): Promise<void>;
  /** Closes the user's sockets: FORBIDDEN. */
  expel(userId: UserId): Promise<void>;
  /**
   * From the member's Inbox: whether the others may see that he is here, and whom he has blocked. To a direct conversation
   * also before it is founded. Idempotent, in any order. Rules LIV-5 and LIV-6.
   */
  setAppearance(userId: UserId, appearance: Appearance): Promise<void>;

  history(readerId: UserId, query: HistoryQuery): Promise<Result<HistoryPage, Refusal>>;
  message(readerId: UserId, seq: number): Promise<Result<MessageView, Refusal>>;
  /** Earlier versions: for the author and for moderators. */
  versions(readerId: UserId, seq: number): Promise<Result<MessageVersion[], Refusal>>;
  reactors(
    readerId: UserId,
    seq: number,
  ): Promise<Result<{ emoji: string; userId: string; at: number }[], Refusal>>;
  status(readerId: UserId, seq: number): Promise<Result<MessageStatus, Refusal>>;

  /** A Gateway carries the conversation to this user's connections from now on; answers what `welcome` would. */
  follow(gateway: string, userId: UserId): Promise<Result<Followed, Refusal>>;
  /** Nobody of these users follows the conversation at this Gateway any more. */
  unfollow(gateway: string, userIds: readonly UserId[]): Promise<void>;
  /** What a reader missed, one page at a time. */
  catchUp(readerId: UserId, cursor: number): Promise<Result<EventPage, Refusal>>;
  /** What became of changes without an ack. */
  fates(userId: UserId, keys: readonly string[]): Promise<Result<Fate[], Refusal>>;
  typing(userId: UserId, active: boolean): Promise<Result<null, Refusal>>;
  /** The member has the conversation on a screen, or not any more, and writes no more; told to the other members' Gateways. */
  visit(userId: UserId, active: boolean): Promise<Result<null, Refusal>>;

  /** What the conversation has cost since it woke: rows that its storage bills. */
  usage(): Promise<{ rowsWritten: number }>;

  /** For the bridge: the log after `cursor`, -1 for all of it; null when there is no such conversation. */
  audit(cursor: number): Promise<AuditPage | null>;
  /** A sink has room again; left out, the sinks may be others. */
  drain(sink?: string): Promise<void>;
}

export interface Followed {
  view: ConversationView;
  /** Nothing up to this seq may come to the user's connections, nor what later events tell of it. Rule GTW-4. */
  historyFrom: number;
  /** Users with a live connection, at most `namedMembers` of them named. */
  online: { userIds: string[]; count: number };
  receipts: MemberReceipt[];
}

/** A page of protocol/log-page.ts whose entries and receipts are JSON already: they are spliced into the answer. */
export interface AuditPage {
  conversation: OutboxConversation;
  head: number;
  entriesText: string;
  receiptsText: string;
}

export interface Unread {
  /** Both stop at `unreadMax`. */
  unread: number;
  mentions: number;
}

/** An earlier text of a message. `at` is when it was written, epoch ms. */
export interface MessageVersion {
  version: number;
  at: number;
  content: string;
}

export interface ReactionCount {
  emoji: string;
  count: number;
  /** Whether the asking member is among them. */
  mine: boolean;
}
