import type { Appearance } from "../../core/visibility.ts";
import { Conversation as RealConversation } from "../../durable-objects/conversation/conversation.ts";
import type { ObjectEnv } from "../../edge/object-env.ts";
import { Gateway as RealGateway } from "../../durable-objects/gateway/gateway.ts";
import { Inbox as RealInbox } from "../../durable-objects/inbox/inbox.ts";
import type { PokeAnswer, PokeWithNews } from "../../edge/rpc/inbox-rpc.ts";
import type { Delivery, GatewayRpc } from "../../edge/rpc/gateway-rpc.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import type { Env } from "../../edge/env.ts";

export { Broadcast } from "../../durable-objects/broadcast/broadcast.ts";
export { Outbox } from "../../durable-objects/outbox/outbox.ts";
export { FramingGateway } from "./support/framing-gateway.ts";
export { default } from "../../worker/index.ts";

/** Conversations whose id starts so live in a deployment without a bridge. */
export const WITHOUT_BRIDGE = "alone-";

/** Conversations whose id starts so meet Gateways that the test plays itself. */
export const PLAYED_GATEWAYS = "played-";

const played = new Map<string, (delivery: Delivery) => Promise<{ following: boolean }>>();

/** Answers the deliveries of one Gateway's name; tests choose names of their own. */
export function playGateway(
  name: string,
  deliver: (delivery: Delivery) => Promise<{ following: boolean }>,
): void {
  played.set(name, deliver);
}

const handedOver = new Map<string, Delivery[]>();

/** What Inboxes have handed to a Gateway's name; one that was never asked for has no connections. */
export function handOvers(name: string): Delivery[] {
  const deliveries = handedOver.get(name) ?? [];
  handedOver.set(name, deliveries);
  return deliveries;
}

function gatewaysOf(objectName: string): Pick<ObjectEnv, "GATEWAY"> | undefined {
  if (!objectName.startsWith(PLAYED_GATEWAYS)) return undefined;
  const stub = (name: string): GatewayRpc => ({
    handOver: async (_userId, { news }) => {
      const deliveries = handedOver.get(name);
      if (news !== null) deliveries?.push(news);
      const connected = deliveries !== undefined;
      return { connected, following: connected };
    },
    notify: async () => ({ connected: handedOver.has(name) }),
    expel: async () => void handedOver.delete(name),
    deliver: async (delivery) => {
      const answer = played.get(name);
      if (answer === undefined) throw new Error(`nobody plays ${name}`);
      return answer(delivery);
    },
  });
  return { GATEWAY: { getByName: stub } };
}

const unreachable = new Set<string>();

/** Whether an object of this name, a Conversation or an Inbox, takes what is told of members. */
export function setReachable(name: string, reachable: boolean): void {
  if (reachable) unreachable.delete(name);
  else unreachable.add(name);
}

function expectReachable(name: string): void {
  if (unreachable.has(name)) throw new Error(`${name} is not to be reached`);
}

const constructions = new Map<string, number>();

/** The real class, which counts how often the platform had to make an object for a conversation. */
export class Conversation extends RealConversation {
  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    const name = ctx.id.name ?? "";
    super(
      ctx,
      name.startsWith(WITHOUT_BRIDGE) ? withoutBridge(env) : { ...env, ...gatewaysOf(name) },
    );
    constructions.set(name, constructionsOf(name) + 1);
  }

  override async setAppearance(userId: UserId, appearance: Appearance): Promise<void> {
    expectReachable(this.ctx.id.name ?? "");
    return super.setAppearance(userId, appearance);
  }
}

const deployments = new Map<string, Env>();

/** The Gateway of this name belongs to a deployment with other settings than the suite's. */
export function deployGateway(name: string, deployment: Env): void {
  deployments.set(name, deployment);
}

/** The real class, in the deployment that a test has chosen for it. */
export class Gateway extends RealGateway {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, deployments.get(ctx.id.name ?? "") ?? env);
  }
}

const pokes = new Map<string, PokeWithNews[]>();

/** The real class, which remembers what it was told. */
export class Inbox extends RealInbox {
  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    super(ctx, { ...env, ...gatewaysOf(ctx.id.name ?? "") });
  }

  override async joined(conversationId: ConversationId, at: number): Promise<Appearance> {
    expectReachable(this.ctx.id.name ?? "");
    return super.joined(conversationId, at);
  }

  override poke(poke: PokeWithNews): Promise<PokeAnswer> {
    const name = this.ctx.id.name ?? "";
    pokes.set(name, [...pokesOf(name), poke]);
    return super.poke(poke);
  }
}

export function pokesOf(userId: string): readonly PokeWithNews[] {
  return pokes.get(userId) ?? [];
}

export function constructionsOf(conversationId: string): number {
  return constructions.get(conversationId) ?? 0;
}

function withoutBridge({ BRIDGE_SECRET: _unset, ...env }: ObjectEnv): ObjectEnv {
  return env;
}
