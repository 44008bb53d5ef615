import type { Arena } from "./arena.ts";
import { measure, percentile, type Measurement } from "./measure.ts";
import type { RawSocket } from "./raw-socket.ts";

const TEXT = "x".repeat(64);
const PING_PONGS = 1_500;
/** Share of the first round trips that only warm up the contestants: their code is compiled as it runs. */
const WARM_UP = 0.2;

/** Durable acked messages per second of one writer, by window, and the idle time from send to ack. */
export async function benchAppend(arena: Arena, runs: number): Promise<Measurement[]> {
  const results: Measurement[] = [];
  for (const { window, raw, plain } of [
    { window: 64, raw: 1, plain: 9 },
    { window: 256, raw: 1.5, plain: 12 },
  ]) {
    const rate = (open: () => Promise<RawSocket[]>, messages: number) => async () =>
      withSockets(open, ([writer]) => ackedPerSecond(writer, window, messages));
    results.push(
      await measure(
        `append, window ${window}`,
        "acked messages/s",
        { raw: { atLeast: raw }, plain: { atLeast: plain } },
        {
          raw: rate(() => arena.baselineSockets("echo", 1), 40_000),
          plain: rate(() => arena.baselineSockets("plain", 1), 6_000),
          parley: rate(() => arena.conversationSockets(1), 60_000),
        },
        runs,
      ),
    );
  }
  for (const { name, share } of [
    { name: "p50", share: 0.5 },
    { name: "p99", share: 0.99 },
  ]) {
    const idle = (open: () => Promise<RawSocket[]>) => async () =>
      withSockets(open, async ([writer]) => percentile(await roundTripsMs(writer), share));
    results.push(
      await measure(
        `idle send → ack, ${name}`,
        "ms",
        { plain: { atMost: 1.2 } },
        {
          raw: idle(() => arena.baselineSockets("echo", 1)),
          plain: idle(() => arena.baselineSockets("plain", 1)),
          parley: idle(() => arena.conversationSockets(1)),
        },
        runs,
      ),
    );
  }
  return results;
}

export async function withSockets<T>(
  open: () => Promise<RawSocket[]>,
  use: (sockets: RawSocket[]) => Promise<T>,
): Promise<T> {
  const sockets = await open();
  try {
    return await use(sockets);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

export function sendText(index: number): string {
  return `{"type":"send","clientMessageId":"k${index}","message":{"type":"TEXT","content":"${TEXT}"}}`;
}

/**
 * Keeps `window` messages under way, one frame each; returns acked messages per second. Answers are counted by the
 * key they name: an echo repeats it once per frame, a batch of acks holds many. Each message is counted once, in order.
 */
async function ackedPerSecond(
  writer: RawSocket | undefined,
  window: number,
  messages: number,
): Promise<number> {
  if (writer === undefined) throw new Error("no writer");
  let sent = 0;
  let acked = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  writer.onText = (payload) => {
    requireNoError(payload);
    acked += acksIn(payload, acked);
    const due = Math.min(messages, acked + window);
    if (due > sent) {
      writer.sendAll(Array.from({ length: due - sent }, (_, i) => sendText(sent + i)));
      sent = due;
    }
    if (acked >= messages) resolve();
  };
  const startedAt = performance.now();
  sent = Math.min(window, messages);
  writer.sendAll(Array.from({ length: sent }, (_, i) => sendText(i)));
  await promise;
  return (messages * 1_000) / (performance.now() - startedAt);
}

const ERROR = Buffer.from('"type":"error"');

/** A refused message is never acked: waiting for it would be for ever. */
export function requireNoError(payload: Buffer): void {
  if (payload.indexOf(ERROR) >= 0) throw new Error(`refused: ${payload.toString()}`);
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

/** Times of single sends on an otherwise idle object, in ms. */
async function roundTripsMs(writer: RawSocket | undefined): Promise<number[]> {
  if (writer === undefined) throw new Error("no writer");
  const times: number[] = [];
  for (let index = 0; index < PING_PONGS; index++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    writer.onText = (payload) => {
      requireNoError(payload);
      if (payload.indexOf(`"clientMessageId":"k${index}"`) >= 0) resolve();
    };
    const startedAt = performance.now();
    writer.send(sendText(index));
    await promise;
    times.push(performance.now() - startedAt);
  }
  return times.slice(PING_PONGS * WARM_UP);
}
