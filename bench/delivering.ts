import type { RawSocket } from "./raw-socket.ts";
import type { Wording } from "./wording.ts";
import { requireNoError } from "./writing.ts";

/** Who writes, and who has to get everything; a writer who hears himself is among them. */
export interface Room {
  writer: RawSocket;
  readers: readonly RawSocket[];
  wording: Wording;
}

/** Sockets that all hear everything, the first of which writes. */
export function roomOf(sockets: readonly RawSocket[], wording: Wording): Room {
  const [writer] = sockets;
  if (writer === undefined) throw new Error("no writer");
  return { writer, readers: sockets, wording };
}

/** `messages` of one writer from number `first` on, `window` of them under way; every reader must have seen the last one. */
export async function deliveriesPerSecond(
  { writer, readers, wording }: Room,
  messages: number,
  window: number,
  first = 0,
): Promise<number> {
  const end = first + messages;
  const last = Buffer.from(wording.mark(end - 1));
  let waiting = readers.length;
  const { promise, resolve } = Promise.withResolvers<void>();
  const read = (payload: Buffer): void => {
    if (payload.lastIndexOf(last) >= 0 && --waiting === 0) resolve();
  };
  for (const reader of readers) reader.onText = read;
  const hears = readers.includes(writer);
  let sent = first;
  let seen = first;
  const sendTo = (due: number): void => {
    const from = sent;
    if (due <= from) return;
    sent = due;
    writer.sendAll(Array.from({ length: due - from }, (_, i) => wording.text(from + i)));
  };
  // by its own copy or by its ack, whichever comes first
  writer.onText = (payload) => {
    requireNoError(payload);
    seen = Math.max(seen, lastKeyIn(payload) + 1);
    sendTo(Math.min(end, seen + window));
    if (hears) read(payload);
  };
  const startedAt = performance.now();
  sendTo(Math.min(end, first + window));
  await promise;
  return (messages * readers.length * 1_000) / (performance.now() - startedAt);
}

/** The number in the last key of a text; -1 when it names none. */
function lastKeyIn(payload: Buffer): number {
  const mark = '"clientMessageId":"k';
  const at = payload.lastIndexOf(mark);
  if (at < 0) return -1;
  return Number.parseInt(payload.toString("latin1", at + mark.length, at + mark.length + 12), 10);
}
