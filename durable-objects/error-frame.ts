import { ERROR_CODES } from "../protocol/error-codes.ts";
import type { FrameRefusal } from "../protocol/frame-codec.ts";
import type { MultiplexFrame } from "../protocol/multiplex-frames.ts";
import type { ErrorFrame } from "../protocol/server-frames.ts";

export function errorFrameText(refused: FrameRefusal): string {
  const frame: ErrorFrame = {
    type: "error",
    code: refused.code,
    message: refused.message,
    retryable: ERROR_CODES[refused.code].retryable,
    ...(refused.clientMessageId === undefined ? {} : { clientMessageId: refused.clientMessageId }),
    ...(refused.lastSeq === undefined ? {} : { lastSeq: refused.lastSeq }),
    ...(refused.retryAfterMs === undefined ? {} : { retryAfterMs: refused.retryAfterMs }),
  };
  return JSON.stringify(frame);
}

/** What the sender of a refused frame knows it by. */
export function keyOf(frame: MultiplexFrame["frame"] | undefined): { clientMessageId?: string } {
  return frame !== undefined && "clientMessageId" in frame
    ? { clientMessageId: frame.clientMessageId }
    : {};
}
