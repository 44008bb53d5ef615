import { Decoder, PacketType, type Packet } from "socket.io-parser";
import type { Frame } from "../engine-io/packet.ts";
import type { ClientPacket } from "./packet.ts";

export type Reading =
  | { type: "packet"; packet: ClientPacket }
  /** A packet whose attachments are still to come. */
  | { type: "partial" }
  | { type: "invalid" };

/** Attachments of one packet: the reference's own bound. */
const MAX_ATTACHMENTS = 10;

/** Joins the frames of one session to packets; wraps the official decoder, which throws and emits. */
export class PacketReader {
  readonly #maxBytes: number;
  readonly #decoder = new Decoder({ maxAttachments: MAX_ATTACHMENTS });
  #partial: Frame[] = [];
  #partialBytes = 0;
  #decoded: Packet | null = null;

  /** `maxBytes` bounds the frames of one packet together. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#decoder.on("decoded", (packet: Packet) => {
      this.#decoded = packet;
    });
  }

  /** The frames of a packet that is not complete: read again, in order, they bring a new reader to the same point. */
  get partial(): readonly Frame[] {
    return this.#partial;
  }

  read(frame: Frame): Reading {
    this.#partialBytes += frame.length;
    if (this.#partialBytes > this.#maxBytes) return { type: "invalid" };
    this.#decoded = null;
    try {
      this.#decoder.add(frame);
    } catch {
      return { type: "invalid" };
    }
    // TypeScript does not know that `add` calls the listener
    const decoded = this.#decoded as Packet | null;
    if (decoded === null) {
      this.#partial.push(frame);
      return { type: "partial" };
    }
    this.#partial = [];
    this.#partialBytes = 0;
    const packet = clientPacket(decoded);
    return packet === null ? { type: "invalid" } : { type: "packet", packet };
  }
}

/** Null for what no client may send: the decoder accepts empty events and ack ids that are no numbers. */
function clientPacket({ type, nsp: namespace, data, id }: Packet): ClientPacket | null {
  const ackId = id ?? null;
  if (ackId !== null && !Number.isSafeInteger(ackId)) return null;
  switch (type) {
    case PacketType.CONNECT:
      return { type: "connect", namespace, auth: isRecord(data) ? data : {} };
    case PacketType.DISCONNECT:
      return { type: "disconnect", namespace };
    case PacketType.EVENT:
      return Array.isArray(data) ? eventPacket(namespace, data, ackId) : null;
    case PacketType.ACK:
      return Array.isArray(data) && ackId !== null
        ? { type: "ack", namespace, ackId, args: data }
        : null;
    default:
      return null;
  }
}

function eventPacket(
  namespace: string,
  data: unknown[],
  ackId: number | null,
): ClientPacket | null {
  const [name, ...args] = data;
  if (typeof name !== "string" && typeof name !== "number") return null;
  return { type: "event", namespace, name, args, ackId };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
