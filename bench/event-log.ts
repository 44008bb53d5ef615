import { decodeServerText } from "../protocol/frame-codec.ts";
import { greetedSocket } from "./live-socket.ts";

/** What a reader was shown: consecutive events, or it throws. */
export class EventLog {
  /** The last seq; null while the first one may be any. */
  seq: number | null;
  /** Bytes of the largest text. */
  largestBytes = 0;

  constructor(seq: number | null = null) {
    this.seq = seq;
  }

  /** Takes one text; answers whether its sender waits for `next`. */
  take(text: string): boolean {
    this.largestBytes = Math.max(this.largestBytes, Buffer.byteLength(text));
    const frames = decodeServerText(text);
    if (!frames.ok) throw new Error(frames.error.message);
    let more = false;
    for (const frame of frames.value) {
      if (frame.type !== "events") continue;
      for (const { seq } of frame.events) {
        if (this.seq !== null && seq !== this.seq + 1) throw new Error(`${seq} after ${this.seq}`);
        this.seq = seq;
      }
      more = frame.more ?? false;
    }
    return more;
  }
}

/** Reads everything after a cursor, page by page as the SDK does. */
export async function readMissed(
  edgeUrl: string,
  conversationId: string,
  token: string,
  cursor: number,
): Promise<EventLog> {
  const log = new EventLog(cursor);
  const { socket, welcome } = await greetedSocket(edgeUrl, conversationId, token, { cursor });
  let text = welcome;
  while (log.take(text)) {
    const next = socket.textWith('"type":"events"');
    socket.send('{"type":"next"}');
    text = await next;
  }
  socket.destroy();
  return log;
}
