import { refusal, type Refusal } from "../protocol/error-codes.ts";
import { LIMITS } from "../protocol/limits.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import { KEEPS_ITS_TWO, NO_SUCH_CONVERSATION, NOT_YOURS } from "./changes/write-rules.ts";
import type { ConversationReader } from "./conversation.ts";
import type { Invite } from "./invite.ts";
import type { JoinRequest } from "./join-request.ts";
import { may, type Permission } from "./permissions.ts";

/** How people come into a group that is not open: by an invitation, or because they asked. Rules ADM-1 to ADM-5. */

/** Whether an invitation still lets somebody in. Its maker must still be one who may invite. Rule ADM-1. */
export function holds(
  conversation: Pick<ConversationReader, "member">,
  invite: Invite,
  now: number,
): boolean {
  const maker = conversation.member(invite.makerId);
  return (
    invite.revokedAt === null &&
    now < invite.expiresAt &&
    (invite.maxUses === null || invite.uses < invite.maxUses) &&
    maker !== undefined &&
    may(maker.role, "invite")
  );
}

/** The invitation of a secret, if it lets this user in now. Who is a member already needs none. */
export function invitationFor(
  conversation: ConversationReader,
  userId: string,
  secret: string,
  now: number,
): Result<Invite, Refusal> {
  const invite = conversation.invite(secret);
  if (invite === undefined || !isAlive(conversation)) return fail(NO_SUCH_INVITE);
  if (conversation.isBanned(userId)) return fail(BANNED);
  return holds(conversation, invite, now) ? ok(invite) : fail(HOLDS_NO_MORE);
}

/** What it takes to decide who comes in. */
export type Admission = Extract<Permission, "invite" | "answerRequests" | "banMembers">;

/** Whether this member may make, see and take back invitations, answer requests, or see who is banned. */
export function mayAdmit(
  conversation: ConversationReader,
  userId: string,
  permission: Admission,
): Refusal | null {
  const member = conversation.member(userId);
  if (member === undefined) return NO_SUCH_CONVERSATION;
  if (conversation.charter.type === "direct") return KEEPS_ITS_TWO;
  return may(member.role, permission) ? null : NOT_YOURS;
}

/** What asking to join comes to: `known` when the same request waits already. Rule ADM-4. */
export function decideRequest(
  conversation: ConversationReader,
  userId: string,
  { now, waiting }: { now: number; waiting: number },
): Result<"new" | "known", Refusal> {
  if (!isAlive(conversation)) return fail(NO_SUCH_CONVERSATION);
  if (conversation.member(userId) !== undefined) {
    return fail(refusal("ALREADY_EXISTS", "you are a member already"));
  }
  if (conversation.isBanned(userId)) return fail(BANNED);
  const { join, requests } = conversation.profile.settings;
  if (join === "open") return fail(refusal("CONFLICT", "this group is open: join it"));
  if (!requests) return fail(refusal("FORBIDDEN", "this group takes no requests"));
  const known = conversation.request(userId);
  if (known === undefined) {
    if (waiting < LIMITS.joinRequests) return ok("new");
    return fail(refusal("TOO_LARGE", "too many people wait for an answer of this group"));
  }
  if (known.refusedAt === null) return ok("known");
  const retryAfterMs = known.refusedAt + LIMITS.refusedSeconds * 1_000 - now;
  if (retryAfterMs <= 0) return ok("new");
  return fail({ ...refusal("RATE_LIMITED", "you were refused: ask again later"), retryAfterMs });
}

/** A request that still waits for its answer. */
export function waitingRequest(
  conversation: ConversationReader,
  userId: string,
): Result<JoinRequest, Refusal> {
  const request = conversation.request(userId);
  if (request === undefined || request.refusedAt !== null) return fail(NO_SUCH_REQUEST);
  return ok(request);
}

/** A group that can take somebody in at all. */
function isAlive({ charter, dismissedAt }: ConversationReader): boolean {
  return charter.type === "group" && dismissedAt === null;
}

const NO_SUCH_INVITE = refusal("NOT_FOUND", "no such invitation");
const NO_SUCH_REQUEST = refusal("NOT_FOUND", "no such request");
const HOLDS_NO_MORE = refusal("FORBIDDEN", "this invitation does not hold any more");
export const BANNED = refusal("FORBIDDEN", "you are banned from this group");
