import type { Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { ConversationReader, Decision } from "../conversation.ts";
import type { Actor } from "./change.ts";
import { isAllowed, KEEPS_ITS_TWO, NO_SUCH_CONVERSATION, NOT_YOURS } from "./write-rules.ts";

/** Ends a group: everybody leaves at once, and the log takes nothing more. Rule MEM-7. */
export function decideDismissal(
  conversation: ConversationReader,
  actor: Actor,
): Result<Decision, Refusal> {
  const me = conversation.member(actor.userId);
  if (me === undefined && actor.authority === "member") return fail(NO_SUCH_CONVERSATION);
  if (!isAllowed(me, actor, "dismiss")) return fail(NOT_YOURS);
  if (conversation.charter.type === "direct") return fail(KEEPS_ITS_TWO);
  const memberCount = conversation.memberCount();
  return ok({
    type: "append",
    event: { type: "dismissed", memberCount },
    effects: [{ type: "dismiss" }],
  });
}
