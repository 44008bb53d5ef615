import type { Send } from "../durable-objects/rpc.ts";
import type { MessageEvent } from "../protocol/event.ts";
import type { ConversationId, UserId } from "../protocol/ids.ts";
import { callConversation } from "./conversation-stub.ts";
import type { Env } from "./env.ts";
import { accept } from "./refused-error.ts";

/** Appends a message from outside a socket. A repeat answers the message of the first send, whatever it says itself. */
export async function sendMessage(
  env: Env,
  id: ConversationId,
  senderId: UserId,
  send: Send,
): Promise<{ event: MessageEvent; repeated: boolean }> {
  const { seq, at, repeated } = accept(
    await callConversation(env, id, (stub) => stub.append(senderId, send)),
  );
  const first = repeated ? await messageAt(env, id, senderId, seq) : null;
  const { clientMessageId, message } = send;
  return {
    event: first ?? { seq, at, type: "message", senderId, clientMessageId, message },
    repeated,
  };
}

/** The message at a place in the log, as this reader may see it; null when another kind of event is there. */
export async function messageAt(
  env: Env,
  id: ConversationId,
  readerId: UserId,
  seq: number,
): Promise<MessageEvent | null> {
  const query = { beforeSeq: seq + 1, limit: 1 };
  const page = accept(await callConversation(env, id, (stub) => stub.history(readerId, query)));
  const [event] = page.events;
  return event?.seq === seq ? event : null;
}
