import type { OtherChange } from "../../core/changes/change.ts";
import type { CaseStanding } from "../../core/moderation/moderation-case.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type { Result } from "../../protocol/result.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import type { Env } from "../../edge/env.ts";
import { RefusedError } from "../../edge/refused-error.ts";

interface ReportedMessage {
  conversationId: ConversationId;
  seq: number;
  authorId: UserId;
}

/**
 * Does what a decision says, before the case is closed: each of these changes nothing when it is done again, so one that
 * was carried out without the case being closed is no harm. In a group that was dismissed meanwhile nobody reads, and
 * there is nothing left to do.
 */
export async function carryOut(
  env: Env,
  moderatorId: UserId,
  message: ReportedMessage,
  standing: CaseStanding,
): Promise<void> {
  const actor = { userId: moderatorId, authority: "moderation" as const };
  const { conversationId, seq: target, authorId } = message;
  const change = async (wanted: OtherChange) => {
    const key = crypto.randomUUID();
    done(await callConversation(env, conversationId, (stub) => stub.change(actor, key, wanted)));
  };
  switch (standing.state) {
    case "open":
    case "in_review":
      return;
    case "dismissed":
      return change({ type: "judge", target, isSpam: false });
    case "resolved":
      switch (standing.action) {
        case "flag_message":
          return change({ type: "judge", target, isSpam: true });
        case "delete_message":
          return change({ type: "delete", target });
        case "erase_messages":
          done(await callConversation(env, conversationId, (stub) => stub.erase(actor, authorId)));
          return;
        case "lock_conversation":
          return change({ type: "configure", change: { locked: true } });
      }
  }
}

function done(outcome: Result<unknown, Refusal>): void {
  if (!outcome.ok && outcome.error.code !== "NOT_FOUND") throw new RefusedError(outcome.error);
}
