import type { Appearance } from "../../core/visibility.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import type { ConversationType } from "../../protocol/event.ts";
import type { BroadcastId, ConversationId, UserId } from "../../protocol/ids.ts";
import type { Notification, StoredNotification } from "../../protocol/notification.ts";
import type { Result } from "../../protocol/result.ts";
import type { News } from "./gateway-rpc.ts";

/** What an Inbox answers to the worker, to Conversations and to Gateways. */

/** A conversation's state for one member, whole: a later one takes the place of an earlier one. Rule INB-1. */
export interface Poke {
  conversationId: ConversationId;
  head: number;
  /** Orders states of one head; rises with each. */
  stamp: number;
  /**
   * Whether every later change will be told. Not to whom follows live wherever he is connected, and not in a large
   * conversation: their entry is asked for when somebody looks.
   */
  upkeep: "kept" | "live" | "ask";
  /** The member has a direct socket there. */
  present: boolean;
  type: ConversationType;
  activityAt: number;
  unread: number;
  /** JSON object of the contract's fields of a list entry. */
  summary: string;
}

/** A poke with what the member has not seen, for the Gateways that carry their connections. Rule INB-2. */
export interface PokeWithNews {
  poke: Poke;
  /** Null when there is nothing new, or when the reader has to pull it. */
  news: News | null;
  /** Gateways that carry the conversation to the member already, his list entry with it. */
  followedAt: string[];
}

export interface PokeAnswer {
  /** Gateways where a connection of the member has taken the news and follows from there on. */
  following: string[];
  /** Every Gateway with a connection of the member. */
  connected: string[];
  /** The member may not be here: he was suspended a moment ago. */
  suspended: boolean;
}

export interface Preferences {
  muted: boolean;
  pinned: boolean;
  archived: boolean;
  markedUnread: boolean;
}

export interface ListPlace {
  activityAt: number;
  conversationId: string;
}

export interface ListQuery {
  limit: number;
  /** Entries after this place, or the page of this number; from the newest when neither is given. */
  after?: ListPlace;
  page?: number;
  /** Only what changed since; epoch ms of this Inbox's clock, as an earlier `syncedAt` gave it. */
  changedSince?: number;
  type?: ConversationType;
  includeArchived: boolean;
  /** `If-None-Match` of who has the list already: the answer is empty when it is still the same. */
  known?: string;
}

export interface ListPage {
  /** JSON array of entries, newest activity first: spliced, since a phone's whole list is one page. */
  conversations: string;
  totalCount: number;
  totalUnread: number;
  unreadConversations: number;
  next: ListPlace | null;
  /** With `changedSince`: what left the list. */
  removed: string[];
  syncedAt: number;
  /** Another one whenever the list is another one. */
  tag: string;
}

export interface PresenceAnswer {
  online: boolean;
  /** When the last connection ended; null when never, or when that is not shown. Epoch ms. */
  lastSeen: number | null;
}

export interface NotificationPage {
  /** Newest first. */
  notifications: StoredNotification[];
  /** Where the next page starts; null on the last one. */
  next: number | null;
}

/** A broadcast list's place among those of a user. */
export interface BroadcastPlace {
  listedAt: number;
  broadcastId: BroadcastId;
}

export interface InboxRpc {
  list(query: ListQuery): Promise<ListPage>;
  /** Every conversation of the user, as this Inbox knows it. */
  conversationIds(): Promise<ConversationId[]>;
  /** Idempotent. Answers who is to see the member. */
  joined(conversationId: ConversationId, at: number): Promise<Appearance>;
  /** Idempotent. */
  left(conversationId: ConversationId): Promise<void>;
  /** Takes a state, and hands it with the news to the user's Gateways that do not have it from the Conversation. */
  poke(poke: PokeWithNews): Promise<PokeAnswer>;
  /** Asks every Conversation anew. Idempotent: what is right already stays. Rule INB-3. */
  reconcile(): Promise<void>;

  /** What is left out stays. Null when the conversation is none of the user's. */
  prefer(conversationId: ConversationId, change: Partial<Preferences>): Promise<Preferences | null>;

  /** A Gateway carries a live connection of the user from now on; false: the user is suspended. Idempotent. */
  connected(gateway: string, connectionId: string): Promise<boolean>;
  /** Idempotent. */
  disconnected(gateway: string, connectionIds: readonly string[]): Promise<void>;
  /**
   * Closes everything the user has open, here and in Conversations, and keeps new connections out until then; epoch ms.
   * A time that is past lets the user back in.
   */
  suspend(until: number): Promise<void>;

  /**
   * Keeps a notification and tells it to the user's live connections, once for each id however often it comes.
   * Resolves when it is stored: whoever is not reached finds it in the list. Rule NTF-1.
   */
  notify(notification: Notification): Promise<{ repeated: boolean }>;
  notifications(page: { before?: number; limit: number }): Promise<NotificationPage>;

  /**
   * The user takes no direct messages of the other one any more and is not seen by him, or is again. Idempotent. TOO_LARGE
   * when he has blocked too many. Rule LIV-6.
   */
  block(blockedId: UserId, active: boolean): Promise<Result<null, Refusal>>;
  blocks(): Promise<{ userId: UserId; at: number }[]>;

  /** Null for whom shares no conversation with the user, or is blocked by them. */
  presence(asker: {
    userId: UserId;
    conversationIds: readonly ConversationId[];
  }): Promise<PresenceAnswer | null>;
  /** Invisible: others see the user as away, in every conversation that can be told. Rule LIV-5. */
  setInvisible(invisible: boolean): Promise<void>;

  /** A broadcast list is the user's to send to, or is not any more. Idempotent. */
  broadcastListed(broadcastId: BroadcastId, listed: boolean): Promise<void>;
  /** Lists that the user may send to, the latest first, after a place. */
  broadcasts(after: BroadcastPlace | null, limit: number): Promise<BroadcastPlace[]>;
}
