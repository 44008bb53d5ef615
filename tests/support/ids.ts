import { parseConversationId, type ConversationId } from "../../protocol/ids.ts";

/** An id that a test has written. */
export function conversationId(text: string): ConversationId {
  const id = parseConversationId(text);
  if (!id.ok) throw new Error(id.error.message);
  return id.value;
}
