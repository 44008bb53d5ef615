import { packFrames } from "../client/frame-packing.ts";
import { withSockets, type Arena } from "./arena.ts";
import { measure, percentile, type Measurement } from "./measure.ts";
import type { RawSocket } from "./raw-socket.ts";
import { ackedPerSecond, requireNoError, sendText, type Writing } from "./writing.ts";

const PING_PONGS = 1_500;
/** Share of the first round trips that only warm up the contestants: their code is compiled as it runs. */
const WARM_UP = 0.2;

/**
 * Durable acked messages per second of one writer, by window and by how its frames travel, and the idle time from send
 * to ack. The rulers know no other way than a text for each message.
 */
export async function benchAppend(arena: Arena, runs: number): Promise<Measurement[]> {
  const results: Measurement[] = [];
  for (const { window, raw, plain } of [
    { window: 64, raw: 1, plain: 9 },
    { window: 256, raw: 1.5, plain: 12 },
  ]) {
    for (const { way, how } of [
      { way: "packed as the SDK does", how: { packing: packFrames } },
      { way: "a text each", how: {} },
    ]) {
      const rate =
        (open: () => Promise<RawSocket[]>, messages: number, how: Writing = {}) =>
        () =>
          withSockets(open, ([writer]) => ackedPerSecond(writer, window, messages, how));
      results.push(
        await measure(
          `append, window ${window}, ${way}`,
          "acked messages/s",
          { raw: { atLeast: raw }, plain: { atLeast: plain } },
          {
            raw: rate(() => arena.baselineSockets("echo", 1), 40_000),
            plain: rate(() => arena.baselineSockets("plain", 1), 6_000),
            parley: rate(() => arena.conversationSockets(1), 60_000, how),
          },
          runs,
        ),
      );
    }
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
