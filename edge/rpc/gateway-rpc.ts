import type { ConversationType } from "../../protocol/event.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type { StoredNotification } from "../../protocol/notification.ts";

/** One step of a conversation on its way to a Gateway; at most one is under way for each Gateway. Rule GTW-1. */
export interface Delivery {
  conversationId: ConversationId;
  type: ConversationType;
  epoch: string;
  /** JSON array of consecutive events as every member gets them, the first of them `firstSeq`; `[]` when none. */
  events: string;
  firstSeq: number;
  /** Where the log ends: a Gateway that is not there afterwards has a gap, and pulls with `catchUp`. */
  head: number;
  /** Receipts, typing and presence: JSON of server frames. Lost ones come again in their next state. */
  frames: TargetedFrame[];
  /** How the conversation stands in the lists of users here, where that has changed. Rule INB-4. */
  entries: UserEntry[];
}

/** What one member has not seen. */
export interface News extends Delivery {
  /** Where his history begins. */
  historyFrom: number;
}

/** A list entry of one user: JSON object of what has changed in it, with its `conversationId`. */
export interface UserEntry {
  userId: string;
  entry: string;
}

/** What an Inbox hands to a Gateway for its user. */
export interface HandOver {
  conversationId: ConversationId;
  /** Events that the user has not seen; null when there are none, or when the reader has to pull them. */
  news: News | null;
  entry: string;
}

/** A frame for everybody here, but for some, or for one user alone. */
export interface TargetedFrame {
  text: string;
  except?: string;
  only?: string;
  /** Left out: nobody. Rule LIV-6. */
  hiddenFrom?: readonly string[];
}

export interface GatewayRpc {
  /**
   * From an Inbox: news for one user, whose connections here follow the conversation from `firstSeq` on, if they take
   * what comes up by itself. `following`: one does, and the Conversation subscribes this Gateway right after.
   * `connected` false: the user has no connection here. Rule INB-2.
   */
  handOver(userId: UserId, handOver: HandOver): Promise<{ connected: boolean; following: boolean }>;
  /** From an Inbox: tells the user's connections here. `connected` as above. */
  notify(userId: UserId, notification: StoredNotification): Promise<{ connected: boolean }>;
  /** Closes the user's connections here: FORBIDDEN. */
  expel(userId: UserId): Promise<void>;
  /** `following` false: nobody is left there, do not send again. */
  deliver(delivery: Delivery): Promise<{ following: boolean }>;
}
