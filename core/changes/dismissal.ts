import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { ConversationReader, Decision } from "../conversation.ts";
import { may } from "../permissions.ts";
import type { Actor } from "./change.ts";
import { NO_SUCH_CONVERSATION } from "./write-rules.ts";

/** Ends a group: everybody leaves at once, and the log takes nothing more. Rule MEM-7. */
export function decideDismissal(
  conversation: ConversationReader,
  actor: Actor,
): Result<Decision, Refusal> {
  const me = conversation.member(actor.userId);
  if (actor.authority === "member") {
    if (me === undefined) return fail(NO_SUCH_CONVERSATION);
    if (!may(me.role, "dismiss"))
      return fail(refusal("FORBIDDEN", "your role does not allow this"));
  }
  if (conversation.charter.type === "direct") {
    return fail(refusal("FORBIDDEN", "a direct conversation keeps its two members"));
  }
  const memberCount = conversation.memberCount();
  return ok({
    type: "append",
    event: { type: "dismissed", memberCount },
    effects: [{ type: "dismiss" }],
  });
}
