import type { BroadcastPeople } from "../../core/broadcast/people.ts";
import type { DeliveryState } from "../../core/broadcast/delivery.ts";
import type { ErrorCode, Refusal } from "../../protocol/error-codes.ts";
import type { BroadcastId, UserId } from "../../protocol/ids.ts";
import type { MessageDraft } from "../../protocol/message.ts";
import type { Result } from "../../protocol/result.ts";

/** What a Broadcast answers to the worker. A list one may not see answers like one that does not exist. Rule BCT-2. */

export interface Person {
  userId: UserId;
  name: string;
}

export interface BroadcastFounding {
  broadcastId: BroadcastId;
  name: string;
  ownerId: UserId;
  adminIds: readonly UserId[];
  recipients: readonly Person[];
}

/** What the owner changes; what is left out stays. */
export interface BroadcastChange {
  name?: string;
  adminIds?: readonly UserId[];
  recipients?: readonly Person[];
}

export interface BroadcastView extends BroadcastPeople {
  broadcastId: BroadcastId;
  name: string;
  /** Messages that were sent to it: their numbers are 1 to this one. */
  messageCount: number;
  createdAt: number;
  updatedAt: number;
}

export interface BroadcastSend {
  sender: Person;
  clientMessageId: string;
  message: MessageDraft;
}

export interface AcceptedSend {
  n: number;
  senderId: UserId;
  acceptedAt: number;
  recipientCount: number;
  repeated: boolean;
}

export type StateName = DeliveryState["state"];

/** How a message stands with one recipient. */
export interface Delivery {
  place: number;
  userId: UserId;
  state: StateName;
  /** Sent: where it stands in the direct conversation of sender and recipient. */
  seq: number | null;
  /** Failed, or tried in vain so far: why. */
  code: ErrorCode | null;
}

export interface DeliveryQuery {
  /** Recipients after this place; -1 from the first. */
  after: number;
  limit: number;
  state?: StateName;
}

export interface BroadcastProgress {
  n: number;
  senderId: UserId;
  message: MessageDraft;
  acceptedAt: number;
  /** Null while anybody is pending. */
  completedAt: number | null;
  counts: Record<StateName, number>;
  deliveries: Delivery[];
  hasMore: boolean;
}

export interface BroadcastRpc {
  /** Idempotent for the owner: a second one changes nothing. An id that is taken, or ever was, is ALREADY_EXISTS. */
  found(
    founding: BroadcastFounding,
  ): Promise<Result<{ created: boolean; view: BroadcastView }, Refusal>>;
  view(readerId: UserId): Promise<Result<BroadcastView, Refusal>>;
  /** The owner alone. Messages under way keep the recipients they were accepted with. */
  change(userId: UserId, change: BroadcastChange): Promise<Result<BroadcastView, Refusal>>;
  /** The owner alone. Whoever is pending gets nothing any more. Rule BCT-7. */
  remove(userId: UserId): Promise<Result<{ deletedAt: number; unsent: number }, Refusal>>;
  /** Answers once the message and each of its deliveries are stored; idempotent by sender and client message id. */
  send(request: BroadcastSend): Promise<Result<AcceptedSend, Refusal>>;
  progress(
    readerId: UserId,
    n: number,
    query: DeliveryQuery,
  ): Promise<Result<BroadcastProgress, Refusal>>;
}
