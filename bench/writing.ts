import type { RawSocket } from "./raw-socket.ts";

/** Of a message, where nothing else is said. */
export const CONTENT = "x".repeat(64);

/** The frame of message `index`, whose key says which it is. */
export function sendText(index: number, content = CONTENT): string {
  return `{"type":"send","clientMessageId":"k${index}","message":{"type":"TEXT","content":"${content}"}}`;
}

export interface Writing {
  content?: string;
  /** Puts frames into texts; a text each when absent. */
  packing?: (frames: readonly string[]) => readonly string[];
}

/**
 * Keeps `window` messages under way; returns acked messages per second. Answers are counted by the
 * key they name: an echo repeats it once per frame, a batch of acks holds many. Each message is counted once, in order.
 */
export async function ackedPerSecond(
  writer: RawSocket | undefined,
  window: number,
  messages: number,
  { content = CONTENT, packing = (frames) => frames }: Writing = {},
): Promise<number> {
  if (writer === undefined) throw new Error("no writer");
  let sent = 0;
  let acked = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const write = (from: number, to: number): void => {
    const frames = Array.from({ length: to - from }, (_, i) => sendText(from + i, content));
    writer.sendAll(packing(frames));
  };
  writer.onText = (payload) => {
    requireNoError(payload);
    acked += acksIn(payload, acked);
    const due = Math.min(messages, acked + window);
    if (due > sent) {
      write(sent, due);
      sent = due;
    }
    if (acked >= messages) resolve();
  };
  const startedAt = performance.now();
  sent = Math.min(window, messages);
  write(0, sent);
  await promise;
  return (messages * 1_000) / (performance.now() - startedAt);
}

const ERRORS = ['"type":"error"', '"message_error"'].map((mark) => Buffer.from(mark));

/** A refused message is never acked: waiting for it would be for ever. */
export function requireNoError(payload: Buffer): void {
  if (ERRORS.some((mark) => payload.indexOf(mark) >= 0))
    throw new Error(`refused: ${payload.toString()}`);
}

const ACK = Buffer.from('{"type":"ack"');
const SEND = Buffer.from('{"type":"send"');

/** How many acks (or echoes) a text holds; the first must name the next key in order. */
function acksIn(payload: Buffer, acked: number): number {
  let found = 0;
  const mark = payload.indexOf(ACK) >= 0 ? ACK : SEND;
  for (let at = payload.indexOf(mark); at >= 0; at = payload.indexOf(mark, at + mark.length)) {
    found++;
  }
  if (found > 0 && payload.indexOf(`"clientMessageId":"k${acked}"`) < 0) {
    throw new Error(`an answer came out of order: message ${acked} is missing`);
  }
  return found;
}
