import type { ConversationCallee } from "../object-env.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import type { Env } from "../env.ts";
import { callObject } from "./object-call.ts";

const CALL_TIMEOUT_MS = 5_000;

/**
 * Calls a conversation. Every call is idempotent at the far end, so a repeat of one that did arrive changes nothing.
 * Throws an `UnavailableError`.
 * `stubOf` is for callers whose calls have an order: it keeps within one stub.
 */
export function callConversation<T>(
  env: Env,
  id: ConversationId,
  call: (conversation: ConversationCallee) => Promise<T>,
  stubOf: () => ConversationCallee = () => conversationStub(env, id),
): Promise<Awaited<T>> {
  return callObject(`conversation ${id}`, CALL_TIMEOUT_MS, () => call(stubOf()));
}

export function conversationStub(env: Env, id: ConversationId): ConversationCallee {
  return env.CONVERSATION.getByName(id);
}
