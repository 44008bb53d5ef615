import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import {
  TELL_STAFF,
  UNCHANGED,
  type ConversationReader,
  type Decision,
  type Effect,
} from "../conversation.ts";
import { may, outranks } from "../permissions.ts";
import type { Actor } from "./change.ts";
import { filesGoneWith } from "./file-changes.ts";
import { NO_SUCH_CONVERSATION, NOT_YOURS, TOO_HIGH } from "./write-rules.ts";

/** Why an actor may not erase what somebody has written here; null when he may. Rules MEM-2, MEM-3 and CHG-7. */
export function mayErase(
  conversation: ConversationReader,
  actor: Actor,
  userId: string,
): Refusal | null {
  if (conversation.dismissedAt !== null) return NO_SUCH_CONVERSATION;
  if (actor.authority !== "member") return null;
  const me = conversation.member(actor.userId);
  if (me === undefined) return NO_SUCH_CONVERSATION;
  if (!may(me.role, "eraseMembersMessages")) return NOT_YOURS;
  // whoever has left or was banned has no rank any more
  const other = conversation.member(userId);
  if (other === undefined || outranks(me.role, other.role)) return null;
  return TOO_HIGH;
}

/** Some of one user's messages in one event, each a tombstone as a deletion leaves it. Rule CHG-7. */
export function decideErase(
  conversation: ConversationReader,
  actor: Actor,
  { userId, targets }: { userId: string; targets: readonly number[] },
): Result<Decision, Refusal> {
  const refused = mayErase(conversation, actor, userId);
  if (refused !== null) return fail(refused);
  if (targets.length > LIMITS.erasedPerEvent) {
    return fail(refusal("TOO_LARGE", `at most ${LIMITS.erasedPerEvent} messages in one event`));
  }
  const erased = targets.filter((target) => {
    const message = conversation.message(target);
    return message?.senderId === userId && message.deletedAt === null;
  });
  if (erased.length === 0) return ok(UNCHANGED);
  const effects = erased.map((seq): Effect => ({ type: "erase", seq }));
  return ok({
    type: "append",
    event: { type: "erased", userId, targets: erased },
    effects: [...effects, TELL_STAFF],
    further: filesGoneWith(conversation, erased),
  });
}
