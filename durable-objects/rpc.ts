import type { ConversationType, Member, MessageEvent } from "../protocol/event.ts";
import type { ConversationId, UserId } from "../protocol/ids.ts";
import type { MessageDraft } from "../protocol/message.ts";
import type { Refusal } from "../protocol/error-codes.ts";
import type { Result } from "../protocol/result.ts";

/** What the objects answer to the worker and to each other. Expected failures are values: RPC keeps only plain data. */

export interface Founding {
  conversationId: ConversationId;
  type: ConversationType;
  name: string | null;
  founderId: UserId;
  members: Member[];
}

export interface ConversationView {
  conversationId: ConversationId;
  type: ConversationType;
  name: string | null;
  createdAt: number;
  epoch: string;
  head: number;
  /** The first `namedMembers`; `memberCount` counts all. */
  members: Member[];
  memberCount: number;
  myRole: Member["role"];
  lastMessage: MessageEvent | null;
}

/** One send from outside a socket. */
export interface Send {
  clientMessageId: string;
  message: MessageDraft;
}

/** Where a send stands in the log; `repeated` when an earlier send with the same key put it there. */
export interface Appended {
  seq: number;
  at: number;
  repeated: boolean;
}

/** Ascending page of messages: newest `limit` when neither bound is given. */
export interface HistoryQuery {
  beforeSeq?: number;
  afterSeq?: number;
  limit: number;
}

export interface HistoryPage {
  events: MessageEvent[];
  /** More messages in the direction that was asked for. */
  hasMore: boolean;
  head: number;
}

export interface ConversationRpc {
  /** Idempotent: a second founding changes nothing and answers the first one's view; a non-member gets NOT_FOUND. */
  found(founding: Founding): Promise<Result<{ created: boolean; view: ConversationView }, Refusal>>;
  view(readerId: UserId): Promise<Result<ConversationView, Refusal>>;
  append(senderId: UserId, send: Send): Promise<Result<Appended, Refusal>>;
  history(readerId: UserId, query: HistoryQuery): Promise<Result<HistoryPage, Refusal>>;
}

export interface InboxRpc {
  /** Conversations of this user, most recently joined first; `cursor` from the page before. */
  list(query: { limit: number; cursor?: string }): Promise<InboxPage>;
  /** Idempotent. */
  joined(conversationId: ConversationId, at: number): Promise<void>;
}

export interface InboxPage {
  conversationIds: ConversationId[];
  totalCount: number;
  nextCursor: string | null;
}
