import { withSockets, type Arena } from "./arena.ts";
import { deliveriesPerSecond, roomOf } from "./delivering.ts";
import { measure, type Measurement } from "./measure.ts";
import type { RawSocket } from "./raw-socket.ts";
import { DIRECT } from "./wording.ts";

const WINDOW = 64;

/** Deliveries per second to every socket of one conversation, while one writer keeps 64 messages under way. */
export async function benchFanout(arena: Arena, runs: number): Promise<Measurement[]> {
  const results: Measurement[] = [];
  for (const { sockets, plain, messages, few } of [
    { sockets: 100, plain: 20, messages: 20_000, few: 1_000 },
    { sockets: 1_000, plain: 25, messages: 4_096, few: 128 },
  ]) {
    const rate = (open: () => Promise<RawSocket[]>, count: number) => async () =>
      withSockets(open, (all) => deliveriesPerSecond(roomOf(all, DIRECT), count, WINDOW));
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
