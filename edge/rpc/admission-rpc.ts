import type { Invite } from "../../core/invite.ts";
import type { JoinRequest } from "../../core/join-request.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type { Result } from "../../protocol/result.ts";

export interface InviteDraft {
  seconds: number;
  maxUses: number | null;
}

export interface HeldInvite extends Invite {
  /** Whether it still lets somebody in. */
  holds: boolean;
}

/** What the holder of an invitation sees of the group before joining. */
export interface GroupSketch {
  conversationId: ConversationId;
  name: string | null;
  avatarFileId: string | null;
  memberCount: number;
  expiresAt: number;
  isMember: boolean;
}

/** The way into a group that is not open; becoming a member itself is a change of the log. Rules ADM-1 to ADM-5. */
export interface AdmissionRpc {
  /** Idempotent by its key. */
  makeInvite(
    userId: UserId,
    key: string,
    draft: InviteDraft,
  ): Promise<Result<HeldInvite & { repeated: boolean }, Refusal>>;
  /** Newest first. */
  invites(userId: UserId): Promise<Result<HeldInvite[], Refusal>>;
  /** Idempotent. */
  revokeInvite(userId: UserId, inviteId: string): Promise<Result<HeldInvite, Refusal>>;
  /** Looks at an invitation without using it. */
  invitation(userId: UserId, secret: string): Promise<Result<GroupSketch, Refusal>>;
  /** Idempotent: whoever waits already goes on waiting. */
  requestToJoin(
    person: Pick<JoinRequest, "name" | "note"> & { userId: UserId },
  ): Promise<Result<JoinRequest & { repeated: boolean }, Refusal>>;
  /** Those who wait, the first one first. */
  joinRequests(userId: UserId): Promise<Result<JoinRequest[], Refusal>>;
  /** Ids of those who may not come in until their ban ends. */
  bans(userId: UserId): Promise<Result<string[], Refusal>>;
  /** Refuses a request; one's own is withdrawn. Idempotent. */
  endRequest(userId: UserId, requesterId: UserId): Promise<Result<null, Refusal>>;
}
