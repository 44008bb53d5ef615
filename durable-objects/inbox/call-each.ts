import type { ConversationId } from "../../protocol/ids.ts";
import { callWithin } from "../../edge/calls/call.ts";
import type { ObjectEnv } from "../../edge/object-env.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { ConversationRpc } from "../../edge/rpc/conversation-rpc.ts";

const CALLED_AT_ONCE = 32;
const CALL_TIMEOUT_MS = 3_000;

/** Calls many Conversations, some at a time; answers those that could not be reached. */
export async function callEach(
  { CONVERSATION }: Pick<ObjectEnv, "CONVERSATION">,
  ids: readonly ConversationId[],
  call: (conversation: ConversationRpc, id: ConversationId) => Promise<void>,
): Promise<ConversationId[]> {
  const failed: ConversationId[] = [];
  for (let from = 0; from < ids.length; from += CALLED_AT_ONCE) {
    const some = ids.slice(from, from + CALLED_AT_ONCE).map(async (id) => {
      try {
        await callWithin(CALL_TIMEOUT_MS, call(CONVERSATION.getByName(id), id));
      } catch (error) {
        logEvent("conversation_not_reached", { conversationId: id, error: errorText(error) });
        failed.push(id);
      }
    });
    await Promise.all(some);
  }
  return failed;
}
