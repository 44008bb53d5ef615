import type { ConversationType, MembershipEvent } from "../protocol/event.ts";
import type { FileId } from "../protocol/file-id.ts";
import type { ConversationId } from "../protocol/ids.ts";
import type { Member, Role } from "../protocol/member.ts";
import type { Settings, SettingsChange } from "../protocol/settings.ts";
import type { Invite } from "./invite.ts";
import type { JoinRequest } from "./join-request.ts";
import type { FileRecord, StoredContent } from "./files/file-record.ts";
import type { MessageFlag } from "./moderation/message-flag.ts";

/** What never changes about a conversation after its founding. */
export interface Charter {
  conversationId: ConversationId;
  type: ConversationType;
  createdAt: number;
  /** Identity of this log: a cursor of another epoch is refused, not misread. */
  epoch: string;
}

/** What its owner and admins may change. */
export interface Profile {
  name: string | null;
  avatarFileId: string | null;
  settings: Settings;
}

export interface MemberRecord extends Member {
  joinedAt: number;
  /** Head at the time of joining: earlier messages do not wait for this member's receipt. */
  joinedSeq: number;
  /** The member reads what comes after this seq. */
  historyFrom: number;
  /** May not write before; epoch ms, 0 when not muted. */
  mutedUntil: number;
}

/** A message as the log holds it now. `content` is empty once it is deleted. */
export interface StoredMessage {
  seq: number;
  at: number;
  senderId: string;
  type: string;
  content: string;
  version: number;
  deletedAt: number | null;
  flag?: MessageFlag;
}

/** What the rules need to see of a conversation. Synchronous: everything happens inside one transaction. */
export interface ConversationReader {
  readonly charter: Charter;
  readonly profile: Profile;
  /** When the group was dismissed, epoch ms; null while it lives. */
  readonly dismissedAt: number | null;
  member(userId: string): MemberRecord | undefined;
  isBanned(userId: string): boolean;
  /** Until when somebody was muted who has left; epoch ms, 0 for nobody such. */
  keptMute(userId: string): number;
  /** The invitation with this secret, whether it still holds or not. */
  invite(secret: string): Invite | undefined;
  /** What this user has asked for, whether it was refused or still waits. */
  request(userId: string): JoinRequest | undefined;
  memberCount(): number;
  countRole(role: Role): number;
  message(seq: number): StoredMessage | undefined;
  hasReaction(seq: number, userId: string, emoji: string): boolean;
  /** How many different emojis a message has. */
  emojiCount(seq: number): number;
  hasReported(seq: number, userId: string): boolean;
  /** How many people have reported a message. */
  reportCount(seq: number): number;
  /** Whether the other one of a direct conversation has blocked this sender. */
  isBlocked(senderId: string): boolean;
  file(n: number): FileRecord | undefined;
  /** Whether a member may know of a file: rule FIL-12. */
  isFileInSight(member: MemberRecord, n: number): boolean;
  /** The newest messages that name a file, at most `fileTargets` of them. */
  messagesNaming(n: number): number[];
  /** Readable files that the messages at `seqs` name and no other one does. */
  filesNamedOnlyBy(seqs: readonly number[]): FileRecord[];
  /** When this member last sent a message, if that was after `since`; epoch ms. */
  lastSentAt(userId: string, since: number): number | undefined;
}

/** What a decided event changes beside the log. Applied in the transaction that stores the event. */
export type Effect =
  | { type: "putMember"; member: MemberRecord }
  | { type: "dropMember"; userId: string }
  | { type: "ban"; userId: string; active: boolean }
  | { type: "useInvite"; secret: string }
  | { type: "closeRequest"; userId: string }
  | { type: "dismiss" }
  | { type: "configure"; profile: Profile }
  | { type: "rewrite"; seq: number; content: string; version: number }
  | { type: "erase"; seq: number }
  | { type: "react"; seq: number; userId: string; emoji: string; active: boolean }
  | { type: "storeFile"; n: number; content: StoredContent }
  | { type: "deleteFile"; n: number; targets: readonly number[] }
  | { type: "report"; seq: number; userId: string }
  | { type: "flag"; seq: number; flag: MessageFlag }
  /** The event concerns the deployment's staff: a report, or what a moderator did to somebody else. Rule MOD-4. */
  | { type: "tellStaff" };

export const TELL_STAFF: Effect = { type: "tellStaff" };

/** The part of an event that its type adds to seq, time and sender. */
export type ChangeEvent =
  | { type: "edited"; target: number; version: number; content: string }
  | { type: "deleted"; target: number }
  | { type: "erased"; userId: string; targets: number[] }
  | {
      type: "reported";
      target: number;
      version: number;
      reason: string | null;
      reports: number;
      isSpam: boolean;
    }
  | { type: "judged"; target: number; isSpam: boolean }
  | { type: "reaction"; target: number; emoji: string; active: boolean }
  | ({ type: "membership" } & Pick<MembershipEvent, "action" | "members"> & MembershipDetails)
  | { type: "dismissed"; memberCount: number }
  | { type: "settings"; settings: SettingsChange }
  | { type: "fileUploaded"; fileId: FileId; mimeType: string; size: number }
  | { type: "fileDeleted"; fileId: FileId; targets: number[] };

export interface MembershipDetails {
  until?: number;
  inviteId?: string;
  requested?: true;
}

/** An event and what it changes beside the log. */
export interface Consequence {
  event: ChangeEvent;
  effects: Effect[];
}

/**
 * What a change comes to: an event with its effects and the further events that follow from it, in the same
 * transaction and from the same sender; or nothing, because it is so already.
 */
export type Decision =
  | ({ type: "append"; further?: readonly Consequence[] } & Consequence)
  | { type: "unchanged" };

export const UNCHANGED: Decision = { type: "unchanged" };
