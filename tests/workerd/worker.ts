import { Conversation as RealConversation } from "../../durable-objects/conversation.ts";
import type { ObjectEnv } from "../../durable-objects/env.ts";

export { Inbox } from "../../durable-objects/inbox.ts";
export { Outbox } from "../../durable-objects/outbox.ts";
export { default } from "../../worker/index.ts";

/** Conversations whose id starts so live in a deployment without a bridge. */
export const WITHOUT_BRIDGE = "alone-";

const constructions = new Map<string, number>();

/** The real class, which counts how often the platform had to make an object for a conversation. */
export class Conversation extends RealConversation {
  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    const name = ctx.id.name ?? "";
    super(ctx, name.startsWith(WITHOUT_BRIDGE) ? withoutBridge(env) : env);
    constructions.set(name, constructionsOf(name) + 1);
  }
}

export function constructionsOf(conversationId: string): number {
  return constructions.get(conversationId) ?? 0;
}

function withoutBridge({ BRIDGE_SECRET: _unset, ...env }: ObjectEnv): ObjectEnv {
  return env;
}
