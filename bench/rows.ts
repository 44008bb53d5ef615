import { setTimeout as pause } from "node:timers/promises";
import { withSockets, type Arena } from "./arena.ts";
import { measurementOf, type Measurement } from "./measure.ts";
import type { RawSocket } from "./raw-socket.ts";
import { ackedPerSecond, sendText } from "./writing.ts";

const USERS = ["founder", ...Array.from({ length: 9 }, (_, n) => `reader-${n}`)];
const WINDOW = 64;
const BRISK_MESSAGES = 20_000;
const SLOW_MESSAGES = 10;
/** A receipt that moved is stored at most a second later. */
const RECEIPTS_STORED_MS = 2_000;

/** Rows that storage bills per message, with the receipts of ten members who read along. */
export async function benchRows(arena: Arena, runs: number): Promise<Measurement[]> {
  const brisk: number[] = [];
  const slow: number[] = [];
  for (let run = 0; run < runs; run++) {
    brisk.push(
      await rowsPerMessage(arena, BRISK_MESSAGES, (writer) =>
        ackedPerSecond(writer, WINDOW, BRISK_MESSAGES),
      ),
    );
    slow.push(await rowsPerMessage(arena, SLOW_MESSAGES, oneASecond));
  }
  return [
    measurementOf(
      `rows per message, 10 members who read, window ${WINDOW}`,
      "rows",
      { value: { atMost: 2.3 } },
      { parley: brisk },
    ),
    measurementOf(
      "rows per message, 10 members who read, one message a second",
      "rows",
      {},
      { parley: slow },
    ),
  ];
}

async function rowsPerMessage(
  arena: Arena,
  messages: number,
  write: (writer: RawSocket) => Promise<unknown>,
): Promise<number> {
  const conversationId = await arena.group(USERS);
  return withSockets(
    () => arena.liveSockets(conversationId, USERS),
    async ([writer, ...readers]) => {
      if (writer === undefined) throw new Error("no writer");
      for (const reader of readers) readAlong(reader);
      const before = await arena.rowsWritten(conversationId);
      await write(writer);
      await pause(RECEIPTS_STORED_MS);
      return ((await arena.rowsWritten(conversationId)) - before) / messages;
    },
  );
}

/** Answers every text of events with a receipt for the last of them. */
function readAlong(reader: RawSocket): void {
  reader.onText = (payload) => {
    const seq = lastSeqIn(payload);
    if (seq !== null) reader.send(`{"type":"receipt","read":${seq}}`);
  };
}

const EVENT = Buffer.from('{"seq":');
const EVENTS = Buffer.from('"type":"events"');

/** The last seq of a text of events; null when it carries none. */
function lastSeqIn(payload: Buffer): number | null {
  if (payload.indexOf(EVENTS) < 0) return null;
  const at = payload.lastIndexOf(EVENT);
  if (at < 0) return null;
  const from = at + EVENT.length;
  return Number.parseInt(payload.toString("latin1", from, from + 16), 10);
}

async function oneASecond(writer: RawSocket): Promise<void> {
  for (let n = 0; n < SLOW_MESSAGES; n++) {
    writer.send(sendText(n));
    await pause(1_000);
  }
}
