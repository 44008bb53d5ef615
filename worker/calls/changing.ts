import type { Context } from "hono";
import type { Actor, OtherChange } from "../../core/changes/change.ts";
import type { Appended, MessageView } from "../../edge/rpc/conversation-rpc.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type { Principal } from "../../edge/auth/principal.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import type { Env } from "../../edge/env.ts";
import type { App } from "../hono.ts";
import { idempotencyKey } from "../idempotency-key.ts";
import { accept } from "../../edge/refused-error.ts";
import { traceparentOf } from "../traceparent.ts";

export interface Changer {
  userId: UserId;
  /** Idempotency key. */
  key: string;
  traceparent?: string | undefined;
}

/** Who asks for the change, with what makes a repeat of the request the same one, and its trace. */
export function changerOf(c: Context<App>, { userId }: { userId: UserId }): Changer {
  return { userId, key: idempotencyKey(c), traceparent: traceparentOf(c) };
}

/** A member's change of a conversation or of something in it. */
export async function changeConversation(
  env: Env,
  id: ConversationId,
  { userId, key, traceparent }: Changer,
  change: OtherChange,
): Promise<Appended> {
  const actor = { userId, authority: "member" as const, traceparent };
  return accept(await callConversation(env, id, (stub) => stub.change(actor, key, change)));
}

/** Whose word a change is, by the caller's role in the deployment: an admin is held to no conversation's rules. */
export function moderatorOf({ userId, role }: Principal): Actor {
  return { userId, authority: role === "admin" ? "moderation" : "member" };
}

export async function readMessage(
  env: Env,
  id: ConversationId,
  readerId: UserId,
  seq: number,
): Promise<MessageView> {
  return accept(await callConversation(env, id, (stub) => stub.message(readerId, seq)));
}
