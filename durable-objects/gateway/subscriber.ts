import type { EventBatch } from "../../core/chat/event-batch.ts";
import type { LiveFrame, SharedFrame } from "../../core/chat/live-frame.ts";
import type { StatusChange } from "../../core/chat/status-changes.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type { StoredNotification } from "../../protocol/notification.ts";

/** One connection of one user, in either dialect or the native protocol. */
export interface Subscriber {
  readonly userId: UserId;
  /** Consecutive events; those up to `after` it has already. `more`: they are a page, and the client asks for the next. */
  events(batch: EventBatch, after: number, more?: boolean): void;
  /** Something for the user that is of no conversation. */
  notify(notification: StoredNotification): void;
  /** The own list entry of a conversation has changed; JSON of what has. */
  entry(conversationId: ConversationId, entry: string): void;
  frame(conversation: FollowedConversation, shared: SharedFrame): void;
  /** Whether there is room for another page of what was missed. */
  room(): Promise<void>;
  /** The events of a turn are out, and cursors have moved. */
  settled(): void;
  /** Something is new in a conversation that it does not follow: whether it follows it from now on. */
  takesNews(conversationId: ConversationId): boolean;
  /** Not a member any more. */
  dropped(conversationId: ConversationId): void;
}

/** What a connection may ask about a conversation that comes in. */
export interface FollowedConversation {
  readonly conversationId: ConversationId;
  /** Seq of the newest event that has come. */
  readonly head: number;
  /** What moved receipts say, beside those that were told here before. Asked once for each frame. */
  changesOf(frame: Extract<LiveFrame, { type: "receipts" }>): readonly ReadChange[];
}

/** With how many events of the log that made read; 0 where what was before is not known. */
export type ReadChange = StatusChange & { readCount: number };
