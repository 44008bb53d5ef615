import type * as v from "valibot";
import { clientFrameSchema, type ClientFrame } from "./client-frames.ts";
import { refusal, type Refusal } from "./error-codes.ts";
import { fitting } from "./fitting.ts";
import { LIMITS } from "./limits.ts";
import { fail, ok, type Result } from "./result.ts";
import { serverFrameSchema, type ServerFrame } from "./server-frames.ts";
import { exceedsUtf8 } from "./utf8.ts";

/** Why one frame of a text was refused, with the send it belongs to when that can be read. */
export interface FrameRefusal extends Refusal {
  clientMessageId?: string;
}

/**
 * Reads one text from a client: a frame, or an array of frames. The outer failure concerns the whole text,
 * an inner one only its frame. Never throws; the size is checked before JSON.parse. Rules FRM-1 to FRM-4.
 */
export function decodeClientText(
  data: string | ArrayBuffer,
): Result<Result<ClientFrame, FrameRefusal>[], Refusal> {
  return decodeFrames(data, decodeClientFrame);
}

/** The same for frames of another schema. */
export function decodeFrames<Frame>(
  data: string | ArrayBuffer,
  decode: (frame: unknown) => Result<Frame, FrameRefusal>,
): Result<Result<Frame, FrameRefusal>[], Refusal> {
  if (typeof data !== "string") return fail(refusal("INVALID_DATA", "frames are text"));
  if (exceedsUtf8(data, LIMITS.clientFrameBytes)) {
    return fail(refusal("TOO_LARGE", `a text is at most ${LIMITS.clientFrameBytes} bytes`));
  }
  const json = parseJson(data);
  if (!json.ok) return json;
  const frames: unknown[] = Array.isArray(json.value) ? json.value : [json.value];
  if (frames.length > LIMITS.framesPerText) {
    return fail(refusal("TOO_LARGE", `a text holds at most ${LIMITS.framesPerText} frames`));
  }
  return ok(frames.map(decode));
}

/** Reads one text from the server. Frame types this build does not know are skipped: a newer server may send them. */
export function decodeServerText(data: string): Result<ServerFrame[], Refusal> {
  const json = parseJson(data);
  if (!json.ok) return json;
  const frames: unknown[] = Array.isArray(json.value) ? json.value : [json.value];
  const known: ServerFrame[] = [];
  for (const frame of frames) {
    if (!SERVER_FRAME_TYPES.has(frameType(frame))) continue;
    const parsed = fitting(serverFrameSchema, frame);
    if (!parsed.ok) return parsed;
    known.push(parsed.value);
  }
  return ok(known);
}

/** Joins frames that are already JSON into one text. */
export function joinFrames(frames: readonly string[]): string {
  return frames.length === 1 ? (frames[0] ?? "") : `[${frames.join(",")}]`;
}

const SERVER_FRAME_TYPES: ReadonlySet<unknown> = new Set(
  serverFrameSchema.options.map((option) => option.entries.type.literal),
);

const CLIENT_FRAME_SCHEMAS: ReadonlyMap<unknown, v.GenericSchema<unknown, ClientFrame>> = new Map(
  clientFrameSchema.options.map((option) => [option.entries.type.literal, option]),
);

export function decodeClientFrame(frame: unknown): Result<ClientFrame, FrameRefusal> {
  if (Array.isArray(frame)) return fail(refusal("INVALID_DATA", "a frame is an object"));
  // the variant tries its options one after the other, and this is the hottest parse there is
  const schema = CLIENT_FRAME_SCHEMAS.get(frameType(frame)) ?? clientFrameSchema;
  const parsed = fitting(schema, frame, { abortPipeEarly: true });
  if (parsed.ok) return parsed;
  const clientMessageId = ownClientMessageId(frame);
  return clientMessageId === undefined ? parsed : fail({ ...parsed.error, clientMessageId });
}

/** What a frame says it is, before it is parsed. */
export function frameType(frame: unknown): unknown {
  return isRecord(frame) ? frame["type"] : undefined;
}

function ownClientMessageId(frame: unknown): string | undefined {
  const id = isRecord(frame) ? frame["clientMessageId"] : undefined;
  return typeof id === "string" && id.length <= LIMITS.clientMessageIdChars ? id : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export function parseJson(text: string): Result<unknown, Refusal> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return fail(refusal("INVALID_DATA", "not JSON"));
  }
}
