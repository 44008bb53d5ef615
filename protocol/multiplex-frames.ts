import * as v from "valibot";
import type { ClientFrame } from "./client-frames.ts";
import type { Refusal } from "./error-codes.ts";
import { fitting } from "./fitting.ts";
import { decodeClientFrame, decodeFrames, frameType, type FrameRefusal } from "./frame-codec.ts";
import { conversationIdSchema } from "./id-schemas.ts";
import type { ConversationId } from "./ids.ts";
import { fail, ok, type Result } from "./result.ts";

/**
 * The frames of `GET /socket`, which carries many conversations: those of one conversation's socket, each with its
 * `conversationId`, and `bye`, which ends one of them. Rule MUX-1.
 */
export interface MultiplexFrame {
  conversationId: ConversationId;
  frame: ClientFrame | { type: "bye" };
}

/** A refusal says which conversation it is about, if that can be read. */
export type MultiplexRefusal = FrameRefusal & { conversationId?: string };

const addressSchema = v.object({ conversationId: conversationIdSchema });

/** As `decodeClientText`. */
export function decodeMultiplexText(
  data: string | ArrayBuffer,
): Result<Result<MultiplexFrame, MultiplexRefusal>[], Refusal> {
  return decodeFrames(data, decodeMultiplexFrame);
}

function decodeMultiplexFrame(value: unknown): Result<MultiplexFrame, MultiplexRefusal> {
  const address = fitting(addressSchema, value);
  if (!address.ok) return address;
  const { conversationId } = address.value;
  if (frameType(value) === "bye") return ok({ conversationId, frame: { type: "bye" } });
  const frame = decodeClientFrame(value);
  return frame.ok
    ? ok({ conversationId, frame: frame.value })
    : fail({ ...frame.error, conversationId });
}

/** A frame of one conversation's socket, JSON already, as this socket carries it. */
export function multiplexText(conversationId: string, frameText: string): string {
  return `{"conversationId":${JSON.stringify(conversationId)},${frameText.slice(1)}`;
}
