import { Encoder, PacketType } from "socket.io-parser";
import { type Frame, messageFrame } from "../engine-io/packet.ts";

/** What a client says, after the shape of its packet was checked. */
export type ClientPacket =
  | { type: "connect"; namespace: string; auth: Record<string, unknown> }
  | { type: "disconnect"; namespace: string }
  | {
      type: "event";
      namespace: string;
      name: string | number;
      args: unknown[];
      ackId: number | null;
    }
  | { type: "ack"; namespace: string; ackId: number; args: unknown[] };

const encoder = new Encoder();

export function connectFrames(
  namespace: string,
  accepted: { sid: string; pid?: string },
): readonly Frame[] {
  return encode({ type: PacketType.CONNECT, nsp: namespace, data: accepted });
}

export function connectErrorFrames(
  namespace: string,
  error: { message: string; data?: unknown },
): readonly Frame[] {
  return encode({ type: PacketType.CONNECT_ERROR, nsp: namespace, data: error });
}

export function disconnectFrames(namespace: string): readonly Frame[] {
  return encode({ type: PacketType.DISCONNECT, nsp: namespace });
}

/** `ackId` asks the client for an answer. Made once for all the sockets of a namespace that get the event. */
export function eventFrames(
  namespace: string,
  name: string | number,
  args: readonly unknown[],
  ackId?: number,
): readonly Frame[] {
  const data = [name, ...args];
  return encode({
    type: PacketType.EVENT,
    nsp: namespace,
    data,
    ...(ackId === undefined ? {} : { id: ackId }),
  });
}

export function ackFrames(
  namespace: string,
  ackId: number,
  args: readonly unknown[],
): readonly Frame[] {
  return encode({ type: PacketType.ACK, nsp: namespace, id: ackId, data: args });
}

interface Encodable {
  type: PacketType;
  nsp: string;
  data?: unknown;
  id?: number;
}

function encode(packet: Encodable): readonly Frame[] {
  const parts: unknown[] = encoder.encode(packet);
  return parts.map((part) => {
    if (typeof part === "string") return messageFrame(part);
    if (part instanceof ArrayBuffer) return new Uint8Array(part);
    if (ArrayBuffer.isView(part)) {
      return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    }
    throw new TypeError("an event holds strings, JSON values and bytes");
  });
}
