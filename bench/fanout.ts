import { withSockets, type Arena } from "./arena.ts";
import { measure, type Measurement } from "./measure.ts";
import type { RawSocket } from "./raw-socket.ts";
import { requireNoError, sendText } from "./writing.ts";

const WINDOW = 64;

/** Deliveries per second to every socket of one conversation, while one writer keeps 64 messages under way. */
export async function benchFanout(arena: Arena, runs: number): Promise<Measurement[]> {
  const results: Measurement[] = [];
  for (const { sockets, plain, messages, few } of [
    { sockets: 100, plain: 20, messages: 20_000, few: 1_000 },
    { sockets: 1_000, plain: 25, messages: 4_096, few: 128 },
  ]) {
    const rate = (open: () => Promise<RawSocket[]>, count: number) => async () =>
      withSockets(open, (readers) => deliveriesPerSecond(readers, count));
    results.push(
      await measure(
        `fan-out to ${sockets} sockets, window ${WINDOW}`,
        "deliveries/s",
        { plain: { atLeast: plain } },
        {
          raw: rate(() => arena.baselineSockets("relay", sockets), few),
          plain: rate(() => arena.baselineSockets("plain", sockets), few),
          parley: rate(() => arena.conversationSockets(sockets), messages),
        },
        runs,
      ),
    );
  }
  return results;
}

/** Every socket must have seen the last message; the writer moves on as it sees its own. */
async function deliveriesPerSecond(readers: RawSocket[], messages: number): Promise<number> {
  const [writer] = readers;
  if (writer === undefined) throw new Error("no writer");
  const lastKey = Buffer.from(`"clientMessageId":"k${messages - 1}"`);
  let waiting = readers.length;
  const { promise, resolve } = Promise.withResolvers<void>();
  const finished = (payload: Buffer): boolean => {
    // acks name keys too: a delivery is told by the content behind the key
    const at = payload.lastIndexOf(lastKey);
    return at >= 0 && payload.indexOf('"message":', at) >= 0;
  };
  for (const reader of readers.slice(1)) {
    reader.onText = (payload) => {
      if (finished(payload) && --waiting === 0) resolve();
    };
  }
  let sent = 0;
  let seen = 0;
  writer.onText = (payload) => {
    requireNoError(payload);
    seen = Math.max(seen, lastKeyIn(payload) + 1);
    const due = Math.min(messages, seen + WINDOW);
    if (due > sent) {
      writer.sendAll(Array.from({ length: due - sent }, (_, i) => sendText(sent + i)));
      sent = due;
    }
    if (finished(payload) && --waiting === 0) resolve();
  };
  const startedAt = performance.now();
  sent = Math.min(WINDOW, messages);
  writer.sendAll(Array.from({ length: sent }, (_, i) => sendText(i)));
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
