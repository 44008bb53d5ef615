import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { ConversationReader, MemberRecord } from "../conversation.ts";
import { isAtLeast, may, type Permission } from "../permissions.ts";
import type { Actor } from "./change.ts";

/** A conversation one may not see answers exactly like one that does not exist. */
export const NO_SUCH_CONVERSATION = refusal("NOT_FOUND", "no such conversation");
export const NO_SUCH_MESSAGE = refusal("NOT_FOUND", "no such message");
export const NO_SUCH_FILE = refusal("NOT_FOUND", "no such file");
export const NOT_YOURS = refusal("FORBIDDEN", "your role does not allow this");
export const TOO_HIGH = refusal("FORBIDDEN", "only people of a lower role");
export const KEEPS_ITS_TWO = refusal("FORBIDDEN", "a direct conversation keeps its two members");

/** The member behind a change. */
export function requireMember(
  conversation: ConversationReader,
  actor: Actor,
): Result<MemberRecord, Refusal> {
  const member = conversation.member(actor.userId);
  return member === undefined ? fail(NO_SUCH_CONVERSATION) : ok(member);
}

/** Staff needs no role; everybody else needs the permission. */
export function isAllowed(
  me: MemberRecord | undefined,
  { authority }: Actor,
  permission: Permission,
): boolean {
  return authority !== "member" || (me !== undefined && may(me.role, permission));
}

/** Whether a member may write anything at all just now: not muted, not locked out, not blocked. Rule SND-3. */
export function mayWrite(
  conversation: ConversationReader,
  member: MemberRecord,
  now: number,
): Refusal | null {
  if (member.mutedUntil > now) {
    return { ...refusal("MUTED", "you are muted"), retryAfterMs: member.mutedUntil - now };
  }
  if (conversation.profile.settings.locked && !may(member.role, "sendWhileLocked")) {
    return refusal("LOCKED", "the conversation is locked");
  }
  if (conversation.isBlocked(member.userId)) {
    return refusal("BLOCKED", "this person does not take your messages");
  }
  return null;
}

/** Whether an actor may send a message just now. Rules SND-3 and MEM-5. */
export function maySend(
  conversation: ConversationReader,
  actor: Actor,
  now: number,
): Refusal | null {
  if (conversation.dismissedAt !== null) return NO_SUCH_CONVERSATION;
  if (actor.authority === "system") return null;
  const member = conversation.member(actor.userId);
  if (member === undefined) return NO_SUCH_CONVERSATION;
  const { send, slowModeS } = conversation.profile.settings;
  if (!isAtLeast(member.role, send)) return refusal("FORBIDDEN", `only ${send}s may send here`);
  if (slowModeS > 0 && !may(member.role, "skipSlowMode")) {
    const last = conversation.lastSentAt(actor.userId, now - slowModeS * 1_000);
    if (last !== undefined) {
      const retryAfterMs = last + slowModeS * 1_000 - now;
      return { ...refusal("RATE_LIMITED", "slow mode: wait a little"), retryAfterMs };
    }
  }
  return mayWrite(conversation, member, now);
}

/** A message that can still be acted on by somebody who may read it. */
export function requireMessage(
  conversation: ConversationReader,
  target: number,
  historyFrom: number,
) {
  const message = target > historyFrom ? conversation.message(target) : undefined;
  return message === undefined || message.deletedAt !== null ? fail(NO_SUCH_MESSAGE) : ok(message);
}
