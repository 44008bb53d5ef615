import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import {
  TELL_STAFF,
  UNCHANGED,
  type ConversationReader,
  type Decision,
  type Effect,
} from "../conversation.ts";
import { flagAfterReport, isSpam } from "../moderation/message-flag.ts";
import type { Actor } from "./change.ts";
import { NO_SUCH_MESSAGE, requireMember, requireMessage } from "./write-rules.ts";

/** Somebody else's message is spam, says a member, once. Also one who may not write just now. Rule MOD-1. */
export function decideReport(
  conversation: ConversationReader,
  actor: Actor,
  { target, reason, flagAt }: { target: number; reason: string | null; flagAt: number },
): Result<Decision, Refusal> {
  const member = requireMember(conversation, actor);
  if (!member.ok) return member;
  const found = requireMessage(conversation, target, member.value.historyFrom);
  if (!found.ok) return found;
  const message = found.value;
  if (message.senderId === actor.userId || message.type === "SYSTEM") {
    return fail(refusal("FORBIDDEN", "only other people's messages can be reported"));
  }
  const { userId } = actor;
  if (conversation.hasReported(target, userId)) return ok(UNCHANGED);
  const reports = conversation.reportCount(target) + 1;
  const flag = flagAfterReport(message.flag, reports, flagAt);
  const effects: Effect[] = [{ type: "report", seq: target, userId }, TELL_STAFF];
  if (flag !== undefined && flag !== message.flag) {
    effects.push({ type: "flag", seq: target, flag });
  }
  const { version } = message;
  return ok({
    type: "append",
    event: { type: "reported", target, version, reason, reports, isSpam: isSpam(flag) },
    effects,
  });
}

/** Staff says whether a message is spam; that stands. Rule MOD-2. */
export function decideJudge(
  conversation: ConversationReader,
  actor: Actor,
  { target, isSpam: judgement }: { target: number; isSpam: boolean },
): Result<Decision, Refusal> {
  if (actor.authority === "member") {
    const member = requireMember(conversation, actor);
    return member.ok ? fail(refusal("FORBIDDEN", "only staff may judge a message")) : member;
  }
  const message = conversation.message(target);
  if (message === undefined) return fail(NO_SUCH_MESSAGE);
  const flag = judgement ? "spam" : "harmless";
  if (message.flag === flag) return ok(UNCHANGED);
  return ok({
    type: "append",
    event: { type: "judged", target, isSpam: judgement },
    effects: [{ type: "flag", seq: target, flag }],
  });
}
