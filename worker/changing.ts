import type { OtherChange } from "../core/changes/change.ts";
import type { Appended, MessageView } from "../durable-objects/rpc.ts";
import type { ConversationId, UserId } from "../protocol/ids.ts";
import { callConversation } from "./conversation-stub.ts";
import type { Env } from "./env.ts";
import { accept } from "./refused-error.ts";

export interface Changer {
  userId: UserId;
  /** Idempotency key. */
  key: string;
}

/** A member's change of a conversation or of something in it. */
export async function changeConversation(
  env: Env,
  id: ConversationId,
  { userId, key }: Changer,
  change: OtherChange,
): Promise<Appended> {
  const actor = { userId, authority: "member" as const };
  return accept(await callConversation(env, id, (stub) => stub.change(actor, key, change)));
}

export async function readMessage(
  env: Env,
  id: ConversationId,
  readerId: UserId,
  seq: number,
): Promise<MessageView> {
  return accept(await callConversation(env, id, (stub) => stub.message(readerId, seq)));
}
