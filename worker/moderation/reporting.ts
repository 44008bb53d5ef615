import type { ReportOutcome } from "../../edge/rpc/conversation-rpc.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type { Config } from "../../edge/config.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import type { Env } from "../../edge/env.ts";
import { accept } from "../../edge/refused-error.ts";

/** A member says that a message is spam. Whichever system's client says so, and however often, it counts once. */
export async function reportMessage(
  env: Env,
  { SPAM_REPORTS: flagAt }: Config,
  { conversationId, seq }: { conversationId: ConversationId; seq: number },
  { userId, key, reason }: { userId: UserId; key: string; reason: string | null | undefined },
): Promise<ReportOutcome> {
  const report = {
    type: "report" as const,
    target: seq,
    reason: reason === undefined || reason === "" ? null : reason,
    flagAt,
  };
  return accept(
    await callConversation(env, conversationId, (stub) => stub.report(userId, key, report)),
  );
}
