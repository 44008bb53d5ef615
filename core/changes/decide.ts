import type { Refusal } from "../../protocol/error-codes.ts";
import { fail, type Result } from "../../protocol/result.ts";
import type { ConversationReader, Decision } from "../conversation.ts";
import type { Actor, OtherChange } from "./change.ts";
import { decideDismissal } from "./dismissal.ts";
import { decideDeleteFile, decideStoreFile } from "./file-changes.ts";
import { decideErase } from "./erasure.ts";
import { decideMembership } from "./membership-changes.ts";
import { decideDelete, decideEdit, decideReact } from "./message-changes.ts";
import { decideJudge, decideReport } from "./reports.ts";
import { decideSettings } from "./settings-change.ts";
import { NO_SUCH_CONVERSATION } from "./write-rules.ts";

/** What a change comes to at this moment of the conversation, whose log ends at `head`. */
export function decide(
  conversation: ConversationReader,
  actor: Actor,
  change: OtherChange,
  moment: { now: number; head: number },
): Result<Decision, Refusal> {
  if (conversation.dismissedAt !== null) return fail(NO_SUCH_CONVERSATION);
  switch (change.type) {
    case "edit":
      return decideEdit(conversation, actor, change, moment.now);
    case "delete":
      return decideDelete(conversation, actor, change);
    case "react":
      return decideReact(conversation, actor, change, moment.now);
    case "report":
      return decideReport(conversation, actor, change);
    case "judge":
      return decideJudge(conversation, actor, change);
    case "erase":
      return decideErase(conversation, actor, change);
    case "configure":
      return decideSettings(conversation, actor, change.change);
    case "dismiss":
      return decideDismissal(conversation, actor);
    case "storeFile":
      return decideStoreFile(conversation, actor, change, moment.now);
    case "deleteFile":
      return decideDeleteFile(conversation, actor, change);
    default:
      return decideMembership(conversation, actor, change, moment);
  }
}
