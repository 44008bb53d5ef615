import { decodeServerText } from "../../protocol/frame-codec.ts";
import type { ServerFrame } from "../../protocol/server-frames.ts";

/** Frames that came, to be taken one by one in their order. */
export class FrameQueue<Frame extends { type: string }> {
  readonly #frames: Frame[] = [];
  #arrived: () => void = () => {};

  arrive(frames: readonly Frame[]): void {
    this.#frames.push(...frames);
    this.#arrived();
  }

  /** The next frame, which must be of this type: nothing is skipped. */
  async next<Type extends Frame["type"]>(type: Type): Promise<Extract<Frame, { type: Type }>> {
    while (this.#frames.length === 0) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    const frame = this.#frames.shift();
    if (frame?.type !== type) throw new Error(`wanted ${type}, got ${JSON.stringify(frame)}`);
    return frame as Extract<Frame, { type: Type }>; // the line above proves it
  }

  /** Frames that came and were not asked for. */
  get unread(): readonly Frame[] {
    return this.#frames;
  }
}

/** Frames of the moment, which come when they come; what a test waits for are the others. */
const PASSING: ReadonlySet<ServerFrame["type"]> = new Set([
  "receipts",
  "receiptCounts",
  "typing",
  "presence",
]);

/** Reads a text of a conversation's socket, without the frames of the moment. Throws on what is none. */
export function lastingFrames(text: string): ServerFrame[] {
  const frames = decodeServerText(text);
  if (!frames.ok) throw new Error(`the server broke the protocol: ${frames.error.message}`);
  return frames.value.filter(({ type }) => !PASSING.has(type));
}
