import type { Delivery } from "../../../edge/rpc/gateway-rpc.ts";
import { user, valueOf, viewOf, type TestConversation } from "./conversations.ts";

/** The whole log once more, as a Gateway gets it whose answer to the first delivery was lost. */
export async function deliveryOf(
  conversation: TestConversation,
  readerId: string,
): Promise<Delivery> {
  const { conversationId, type } = await viewOf(conversation, readerId);
  const page = valueOf(await conversation.rpc.catchUp(user(readerId), 0));
  const { events, epoch, head } = page;
  return {
    conversationId,
    type,
    epoch,
    events,
    firstSeq: 1,
    head,
    frames: [],
    entries: [],
  };
}
