import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import type { UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";

/** Who sends to a list, and who gets it. */
export interface BroadcastPeople {
  ownerId: UserId;
  /** May send and look, beside the owner. */
  adminIds: readonly UserId[];
  recipientIds: readonly UserId[];
}

/**
 * A list's people in order: everybody once, in the order given, and nobody on both sides, since nobody has a direct
 * conversation with themselves. Rule BCT-1.
 */
export function peopleOf(named: BroadcastPeople): Result<BroadcastPeople, Refusal> {
  const { ownerId } = named;
  const adminIds = [...new Set(named.adminIds)].filter((id) => id !== ownerId);
  const recipientIds = [...new Set(named.recipientIds)];
  if (recipientIds.length === 0) {
    return fail(refusal("INVALID_DATA", "a broadcast list has at least one recipient"));
  }
  if (recipientIds.length > LIMITS.broadcastRecipients) {
    const message = `a broadcast list has at most ${LIMITS.broadcastRecipients} recipients`;
    return fail(refusal("TOO_LARGE", message));
  }
  if (adminIds.length > LIMITS.broadcastAdmins) {
    const message = `a broadcast list has at most ${LIMITS.broadcastAdmins} admins`;
    return fail(refusal("TOO_LARGE", message));
  }
  const senders = new Set([ownerId, ...adminIds]);
  const both = recipientIds.find((id) => senders.has(id));
  if (both !== undefined) {
    return fail(refusal("INVALID_DATA", `who sends to a list is no recipient of it: ${both}`));
  }
  return ok({ ownerId, adminIds, recipientIds });
}
