import * as v from "valibot";
import type { ClientPacket } from "./packet.ts";

/** One namespace of a connection. */
const membershipSchema = v.object({
  /** The public id of the socket; the session's own id is a secret. */
  id: v.string(),
  /** What a client shows to get the same id again after a cut; null where nothing can be recovered. */
  pid: v.nullable(v.string()),
  /** Ack ids that the client was asked for and has not answered, and the next one. */
  asked: v.array(v.number()),
  nextAsk: v.number(),
  /** The handlers' own, JSON. */
  data: v.unknown(),
});
export type Membership = v.InferOutput<typeof membershipSchema>;

/** What a Socket.IO connection has to remember while it sleeps. Immutable. */
export const connectionSchema = v.object({
  /** Until when some namespace has to be connected, epoch ms; null once one was. */
  connectBy: v.nullable(v.number()),
  namespaces: v.pipe(v.array(v.tuple([v.string(), membershipSchema])), v.readonly()),
  /** What was remembered of the handshake. */
  handshake: v.unknown(),
  /** Whether the first frames of a packet with attachments wait for the rest. */
  partial: v.boolean(),
});
export type ConnectionState = Readonly<v.InferOutput<typeof connectionSchema>>;

/** What the client says; an ack is one that it was asked for. */
export type Meaning =
  | ClientPacket
  /** An answer that nobody asked for. */
  | { type: "nothing" }
  /** Against the protocol: the connection has to end. */
  | { type: "violation" };

export function openConnection(connectBy: number, handshake: unknown): ConnectionState {
  return { connectBy, handshake, namespaces: [], partial: false };
}

export function membershipOf(state: ConnectionState, namespace: string): Membership | null {
  return state.namespaces.find(([name]) => name === namespace)?.[1] ?? null;
}

/** What a packet means in this state. A namespace is connected once, and used only between CONNECT and DISCONNECT. */
export function meaningOf(state: ConnectionState, packet: ClientPacket): Meaning {
  const membership = membershipOf(state, packet.namespace);
  if (packet.type === "connect") return membership === null ? packet : { type: "violation" };
  if (membership === null) return { type: "violation" };
  if (packet.type !== "ack") return packet;
  return membership.asked.includes(packet.ackId) ? packet : { type: "nothing" };
}

export function joined(
  state: ConnectionState,
  namespace: string,
  membership: Membership,
): ConnectionState {
  return {
    ...state,
    connectBy: null,
    namespaces: [...others(state, namespace), [namespace, membership]],
  };
}

export function left(state: ConnectionState, namespace: string): ConnectionState {
  return { ...state, namespaces: others(state, namespace) };
}

/** Unanswered questions of one namespace; an older one is given up for a newer one. */
const MAX_ASKED = 64;

export function asking(membership: Membership): { membership: Membership; ackId: number } {
  const ackId = membership.nextAsk;
  const asked = [...membership.asked, ackId].slice(-MAX_ASKED);
  return { ackId, membership: { ...membership, asked, nextAsk: ackId + 1 } };
}

export function answered(membership: Membership, ackId: number): Membership {
  return { ...membership, asked: membership.asked.filter((id) => id !== ackId) };
}

function others(state: ConnectionState, namespace: string): ConnectionState["namespaces"] {
  return state.namespaces.filter(([name]) => name !== namespace);
}
