import { withSockets, type Arena } from "./arena.ts";
import { deliveriesPerSecond, roomOf, type Room } from "./delivering.ts";
import { measurementOf, percentile, type Measurement, type Samples } from "./measure.ts";
import { NodeChat } from "./node-server/node-chat.ts";
import type { RawSocket } from "./raw-socket.ts";
import { Rounds } from "./rounds.ts";
import { nodeRoom, parleyRoom } from "./socket-io-room.ts";
import { DIRECT, socketIo } from "./wording.ts";
import { CONTENT } from "./writing.ts";

const CLIENTS = 100;
const WINDOW = 64;
const MESSAGES = 2_000;
/** The relay is slower by an order, and needs no warming up. */
const RELAYED = 1_000;
const WARM_UP = 100;
const ROUNDS = 300;

interface Figures {
  rate: number;
  p50: number;
  p99: number;
}
type Contestant = "parley" | "raw" | "storing" | "bare";

/**
 * A room of a hundred on Socket.IO, on this Gateway and on Node servers that commit each message first, or store nothing;
 * beside the runtime's own fan-out of one frame a message.
 */
export async function benchSocketIo(arena: Arena, runs: number): Promise<Measurement[]> {
  const storing = await NodeChat.start({ stores: true });
  const bare = await NodeChat.start({ stores: false });
  const figures: Record<Contestant, Figures[]> = { parley: [], raw: [], storing: [], bare: [] };
  try {
    for (let run = 0; run < runs; run++) {
      figures.raw.push(await playRelay(arena));
      figures.storing.push(await playNode(storing));
      figures.bare.push(await playNode(bare));
      figures.parley.push(await playParley(arena));
    }
  } finally {
    await Promise.all([storing.stop(), bare.stop()]);
  }
  const samples = (plain: Contestant, figure: keyof Figures): Samples => {
    const of = (contestant: Contestant) => figures[contestant].map((each) => each[figure]);
    return { parley: of("parley"), raw: of("raw"), plain: of(plain) };
  };
  const room = `Socket.IO, ${CLIENTS} clients`;
  const rate = `${room}, window ${WINDOW}`;
  const idle = `${room}, idle send → delivery`;
  const commits = "(plain: Node that commits each message)";
  const target = { raw: { atLeast: 1.2 }, plain: { atLeast: 0.8 } };
  return [
    measurementOf(`${rate} ${commits}`, "deliveries/s", target, samples("storing", "rate")),
    measurementOf(
      `${rate} (plain: Node that stores nothing)`,
      "deliveries/s",
      {},
      samples("bare", "rate"),
    ),
    measurementOf(`${idle}, p50 ${commits}`, "ms", {}, samples("storing", "p50")),
    measurementOf(`${idle}, p99 ${commits}`, "ms", {}, samples("storing", "p99")),
  ];
}

async function playParley(arena: Arena): Promise<Figures> {
  const users = Array.from({ length: CLIENTS }, (_, n) => `io-${n}`);
  const conversationId = await arena.group(users);
  return inRoom(() => parleyRoom(arena, users), conversationId);
}

async function playNode(server: NodeChat): Promise<Figures> {
  const users = Array.from({ length: CLIENTS }, (_, n) => `io-${crypto.randomUUID()}-${n}`);
  const conversationId = `g${crypto.randomUUID().replaceAll("-", "")}`;
  return inRoom(() => nodeRoom(server, conversationId, users), conversationId);
}

/** The writer hears of his own messages by an answer, everybody else by the event. */
function inRoom(open: () => Promise<RawSocket[]>, conversationId: string): Promise<Figures> {
  return withSockets(open, (sockets) => {
    const { writer, wording } = roomOf(sockets, socketIo(conversationId));
    return play({ writer, readers: sockets.slice(1), wording }, MESSAGES);
  });
}

function playRelay(arena: Arena): Promise<Figures> {
  return withSockets(
    () => arena.baselineSockets("relay", CLIENTS),
    (sockets) => play(roomOf(sockets, DIRECT), RELAYED),
  );
}

async function play(room: Room, messages: number): Promise<Figures> {
  const { writer, readers, wording } = room;
  const rounds = new Rounds(writer, readers, CONTENT, () => {}, wording);
  await rounds.warmUp(WARM_UP);
  for (let n = 0; n < ROUNDS; n++) await rounds.run();
  const [p50, p99] = [percentile(rounds.times, 0.5), percentile(rounds.times, 0.99)];
  const rate = await deliveriesPerSecond(room, messages, WINDOW, rounds.count);
  return { rate, p50, p99 };
}
