import { fromBase64, toBase64 } from "./base64.ts";

/**
 * Engine.IO v4 packets. A frame is a packet as a WebSocket carries it: text that starts with the type's digit, or the
 * bytes of a binary message without any type. Polling joins frames into one payload, binary ones as `b` and base64.
 */
export type Frame = string | Uint8Array;

export type Packet =
  | { type: "open" | "close" | "ping" | "pong" | "upgrade" | "noop"; data: string }
  | { type: "message"; data: Frame };

const TYPES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"] as const;
const SEPARATOR = "\x1e";

export const CLOSE = "1";
export const PING = "2";
export const PONG = "3";
export const NOOP = "6";
export const PROBE_PING = "2probe";
export const PROBE_PONG = "3probe";
export const UPGRADE = "5";

export function messageFrame(data: Frame): Frame {
  return typeof data === "string" ? `4${data}` : data;
}

/** Null for a frame of no known type. */
export function decodeFrame(frame: Frame): Packet | null {
  if (typeof frame !== "string") return { type: "message", data: frame };
  const digit = frame.charCodeAt(0) - 0x30;
  const type = TYPES[digit];
  return type === undefined ? null : { type, data: frame.slice(1) };
}

export function encodePayload(frames: readonly Frame[]): string {
  return frames
    .map((frame) => (typeof frame === "string" ? frame : `b${toBase64(frame)}`))
    .join(SEPARATOR);
}

/** Null when a part is no frame; an empty payload holds none. */
export function decodePayload(payload: string): Frame[] | null {
  const frames: Frame[] = [];
  for (const part of payload.split(SEPARATOR)) {
    const frame = part.startsWith("b") ? fromBase64(part.slice(1)) : part;
    if (frame === null || decodeFrame(frame) === null) return null;
    frames.push(frame);
  }
  return frames;
}
