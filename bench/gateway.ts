import { openAll, withSockets, type Arena } from "./arena.ts";
import { deliveriesPerSecond, roomOf } from "./delivering.ts";
import { measure, measurementOf, percentile, type Measurement } from "./measure.ts";
import { multiplexSocket } from "./multiplex-socket.ts";
import type { RawSocket } from "./raw-socket.ts";
import { Rounds } from "./rounds.ts";
import { DIRECT, multiplexed, type Wording } from "./wording.ts";
import { CONTENT } from "./writing.ts";

const WINDOW = 64;
const MESSAGES = 4_096;
const SOCKETS = 1_000;
const GATEWAYS = 4;
const WARM_UP = 200;
const ROUNDS = 1_000;

/** What the way through a Gateway costs, against sockets of the conversation itself. */
export async function benchGateway(arena: Arena, runs: number): Promise<Measurement[]> {
  const p50 = { parley: [] as number[], plain: [] as number[] };
  const p99 = { parley: [] as number[], plain: [] as number[] };
  for (let run = 0; run < runs; run++) {
    for (const [way, times] of [
      ["plain", await directTimes(arena)],
      ["parley", await gatewayTimes(arena)],
    ] as const) {
      p50[way].push(percentile(times, 0.5));
      p99[way].push(percentile(times, 0.99));
    }
  }
  return [
    measurementOf(
      "Gateway, idle send → delivery, p50 (plain: direct)",
      "ms",
      { plain: { atMost: 2.5 } },
      p50,
    ),
    measurementOf("Gateway, idle send → delivery, p99 (plain: direct)", "ms", {}, p99),
    await measure(
      `${GATEWAYS} Gateways, fan-out to ${SOCKETS} sockets, window ${WINDOW} (plain: direct)`,
      "deliveries/s",
      { plain: { atLeast: 0.7 } },
      {
        plain: async () =>
          withSockets(
            () => arena.conversationSockets(SOCKETS),
            (all) => deliveriesPerSecond(roomOf(all, DIRECT), MESSAGES, WINDOW),
          ),
        parley: () => throughGateways(arena),
      },
      runs,
    ),
  ];
}

async function directTimes(arena: Arena): Promise<number[]> {
  return withSockets(
    () => arena.conversationSockets(2),
    (sockets) => idleTimes(sockets, DIRECT),
  );
}

async function gatewayTimes(arena: Arena): Promise<number[]> {
  const conversationId = await arena.parley.group(["founder", "reader"]);
  return withSockets(
    () => gatewaySockets(arena, conversationId, 2, 1),
    (sockets) => idleTimes(sockets, multiplexed(conversationId)),
  );
}

async function throughGateways(arena: Arena): Promise<number> {
  const conversationId = await arena.parley.group(["founder", "reader"]);
  return withSockets(
    () => gatewaySockets(arena, conversationId, SOCKETS, GATEWAYS),
    (sockets) =>
      deliveriesPerSecond(roomOf(sockets, multiplexed(conversationId)), MESSAGES, WINDOW),
  );
}

/** The first socket is its founder's, the others one reader's; dealt out to so many Gateways. */
async function gatewaySockets(
  { parley }: Arena,
  conversationId: string,
  count: number,
  gateways: number,
): Promise<RawSocket[]> {
  const [founder, reader] = await Promise.all([parley.token("founder"), parley.token("reader")]);
  return openAll([...Array.from({ length: count }).keys()], (n) =>
    multiplexSocket(parley.url, conversationId, n === 0 ? founder : reader, `place${n % gateways}`),
  );
}

/** From a send to its arrival at somebody else, one at a time. */
async function idleTimes([writer, reader]: RawSocket[], wording: Wording): Promise<number[]> {
  if (writer === undefined || reader === undefined) throw new Error("two are needed");
  const rounds = new Rounds(writer, [reader], CONTENT, () => {}, wording);
  await rounds.warmUp(WARM_UP);
  for (let n = 0; n < ROUNDS; n++) await rounds.run();
  return rounds.times;
}
