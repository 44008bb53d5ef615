import type { MessageView, SendRequest } from "../../edge/rpc/conversation-rpc.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import type { Env } from "../../edge/env.ts";
import { accept } from "../../edge/refused-error.ts";

/** Appends a message from outside a socket. A repeat answers the message of the first send, whatever it says itself. */
export async function sendMessage(
  env: Env,
  id: ConversationId,
  senderId: UserId,
  request: SendRequest,
  traceparent?: string,
): Promise<{ view: MessageView; repeated: boolean }> {
  const actor = { userId: senderId, authority: "member" as const, traceparent };
  const [placed] = accept(await callConversation(env, id, (stub) => stub.append(actor, request)));
  if (placed === undefined) throw new Error("one send has one place");
  const { seq, at, repeated } = placed;
  if (repeated) {
    const view = accept(await callConversation(env, id, (stub) => stub.message(senderId, seq)));
    return { view, repeated };
  }
  const [{ clientMessageId, message }] = request.sends;
  const event = { seq, at, type: "message" as const, senderId, clientMessageId, message };
  return { view: { event, reactions: [], status: "SENT" }, repeated };
}
