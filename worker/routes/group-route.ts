import type { Context } from "hono";
import type { OtherChange } from "../../core/changes/change.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import type { Contract } from "../api/contract.ts";
import { inConversation } from "../api/schemas/ids.ts";
import type { Principal } from "../../edge/auth/principal.ts";
import { changeConversation, changerOf } from "../calls/changing.ts";
import type { App } from "../hono.ts";

/** What the routes about a group's members and those who want in have in common. */
export const ofGroup = {
  tag: "members",
  access: "user",
  params: inConversation,
  statuses: [200],
  refusals: ["FORBIDDEN", "NOT_FOUND"],
} as const satisfies Omit<Contract, "method" | "path" | "summary">;

interface ChangeRequest {
  c: Context<App>;
  me: Principal;
  params: { conversationId: ConversationId };
}

/** Makes the change, and answers its place in the log. */
export async function changed(
  { c, me, params: { conversationId } }: ChangeRequest,
  change: OtherChange,
) {
  const { seq } = await changeConversation(c.env, conversationId, changerOf(c, me), change);
  return { data: { conversationId, seq } };
}
