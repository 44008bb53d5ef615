import { joinFrames } from "../protocol/frame-codec.ts";
import { LIMITS } from "../protocol/limits.ts";
import { utf8Length } from "../protocol/utf8.ts";

/** Puts frames that are already JSON into as few texts as the server's bounds allow, in order. Rules LIM-1, LIM-2. */
export function packFrames(frames: readonly string[]): string[] {
  const texts: string[] = [];
  let from = 0;
  let bytes = BRACKETS;
  for (const [index, frame] of frames.entries()) {
    const size = utf8Length(frame) + COMMA;
    const full = index - from >= LIMITS.framesPerText || bytes + size > LIMITS.clientFrameBytes;
    if (full && index > from) {
      texts.push(joinFrames(frames.slice(from, index)));
      from = index;
      bytes = BRACKETS;
    }
    bytes += size;
  }
  if (from < frames.length) texts.push(joinFrames(frames.slice(from)));
  return texts;
}

const BRACKETS = 2;
const COMMA = 1;
