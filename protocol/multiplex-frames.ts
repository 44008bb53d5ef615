import * as v from "valibot";
import type { ClientFrame } from "./client-frames.ts";
import type { Refusal } from "./error-codes.ts";
import { fitting } from "./fitting.ts";
import {
  decodeClientFrame,
  decodeFrames,
  frameType,
  parseJson,
  type FrameRefusal,
} from "./frame-codec.ts";
import { conversationIdSchema } from "./id-schemas.ts";
import type { ConversationId } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { fail, ok, type Result } from "./result.ts";

/**
 * The frames of `GET /socket`, which carries many conversations: those of one conversation's socket, each with its
 * `conversationId`, and `bye`, which ends one of them. Rule MUX-1.
 */
export interface MultiplexFrame {
  conversationId: ConversationId;
  frame: ClientFrame | { type: "bye" };
  /** A mark of the client's own on its `hello`, which the answer repeats. Rule MUX-6. */
  ref: string | undefined;
}

/** A refusal says which conversation it is about and which `hello` it answers, if that can be read. */
export type MultiplexRefusal = FrameRefusal & { conversationId?: string; ref?: string | undefined };

const addressSchema = v.object({
  conversationId: conversationIdSchema,
  ref: v.optional(v.pipe(v.string(), v.maxLength(LIMITS.clientMessageIdChars))),
});

/** As `decodeClientText`. */
export function decodeMultiplexText(
  data: string | ArrayBuffer,
): Result<Result<MultiplexFrame, MultiplexRefusal>[], Refusal> {
  return decodeFrames(data, decodeMultiplexFrame);
}

function decodeMultiplexFrame(value: unknown): Result<MultiplexFrame, MultiplexRefusal> {
  const address = fitting(addressSchema, value);
  if (!address.ok) return address;
  const { conversationId, ref } = address.value;
  if (frameType(value) === "bye") return ok({ conversationId, frame: { type: "bye" }, ref });
  const frame = decodeClientFrame(value);
  return frame.ok
    ? ok({ conversationId, frame: frame.value, ref })
    : fail({ ...frame.error, conversationId, ref });
}

/** A frame of one conversation's socket, JSON already, as this socket carries it. */
export function multiplexText(conversationId: string, frameText: string, ref?: string): string {
  const mark = ref === undefined ? "" : `"ref":${JSON.stringify(ref)},`;
  return `{"conversationId":${JSON.stringify(conversationId)},${mark}${frameText.slice(1)}`;
}

/** What a frame from the server says of whom it is for. The frame itself is as it came. */
const addressedSchema = v.looseObject({
  type: v.string(),
  conversationId: v.optional(v.string()),
  ref: v.optional(v.string()),
});
export type AddressedFrame = v.InferOutput<typeof addressedSchema>;

/** Reads whom the frames of one text from the server are for. What names no type is skipped, as FRM-5 says. */
export function decodeAddressedText(text: string): Result<AddressedFrame[], Refusal> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const frames: unknown[] = Array.isArray(json.value) ? json.value : [json.value];
  return ok(frames.filter((frame) => v.is(addressedSchema, frame)));
}
