import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { withSockets, type Arena } from "./arena.ts";
import { measurementOf, percentile, type Measurement } from "./measure.ts";
import { MIB } from "./memory.ts";
import type { RawSocket } from "./raw-socket.ts";
import { Rounds } from "./rounds.ts";
import { CONTENT } from "./writing.ts";

const SOCKETS = 5_000;
const SAMPLED_EVERY = 100;
const ROUNDS = 20;
const BETWEEN_ROUNDS_MS = 1_000;
/** What an Inbox has open while it is awake: its database, and two files beside it. */
const INBOX_FILES = 3;
/** The Inboxes of all members, who are told of the group at once, and what a runtime has open beside them. */
const OPEN_FILES = SOCKETS * INBOX_FILES + 1_000;
/** Whoever comes wakes his Inbox, which sleeps again after ten seconds. */
const ASLEEP_MS = 12_000;

/** Five thousand members of one conversation, each on a socket of his own, who read along and say so. */
export async function benchSockets(arena: Arena, runs: number): Promise<Measurement[]> {
  await needOpenFiles();
  const users = Array.from({ length: SOCKETS }, (_, n) => `user-${n}`);
  const conversationId = await arena.group(users);
  const { workerd } = arena.parley;
  const kib: number[] = [];
  const p50: number[] = [];
  const p99: number[] = [];
  const after: number[] = [];
  for (let run = 0; run < runs; run++) {
    await workerd.restart();
    // wakes the object, so that only the sockets are new
    await withSockets(
      () => arena.liveSockets(conversationId, users.slice(0, 1)),
      async () => {},
    );
    const before = await workerd.residentBytes();
    await withSockets(
      () => inTwoWaves(arena, conversationId, users),
      async (sockets) => {
        kib.push(((await workerd.residentBytes()) - before) / SOCKETS / 1_024);
        const times = await talk(sockets);
        p50.push(percentile(times, 0.5));
        p99.push(percentile(times, 0.99));
        after.push((await workerd.residentBytes()) / MIB);
      },
    );
  }
  const where = `${SOCKETS.toLocaleString("en")} sockets of one conversation, receipts of all`;
  return [
    measurementOf(`${where}: memory for each`, "KiB", {}, { parley: kib }),
    measurementOf(`${where}: memory of the runtime`, "MiB", {}, { parley: after }),
    measurementOf(`${where}: send → delivery p50`, "ms", {}, { parley: p50 }),
    measurementOf(`${where}: send → delivery p99`, "ms", {}, { parley: p99 }),
  ];
}

/** Sockets and open Inboxes of all together would be more files than many systems allow a process. */
async function inTwoWaves(
  arena: Arena,
  conversationId: string,
  users: readonly string[],
): Promise<RawSocket[]> {
  const half = users.length / 2;
  const first = await arena.liveSockets(conversationId, users.slice(0, half));
  await pause(ASLEEP_MS);
  const others = await arena.liveSockets(conversationId, users.slice(half));
  await pause(ASLEEP_MS);
  return [...first, ...others];
}

/** A message a second, each read by all; the times to every socket. All sampled sockets must have seen the same. */
async function talk(sockets: readonly RawSocket[]): Promise<number[]> {
  const [writer] = sockets;
  if (writer === undefined) throw new Error("no writer");
  const sampled = sockets.filter((_, n) => n % SAMPLED_EVERY === 0);
  const seen = new Map(sampled.map((socket) => [socket, [] as string[]]));
  const rounds = new Rounds(writer, sockets, CONTENT, (reader, payload) => {
    seen.get(reader)?.push(eventsIn(payload));
  });
  for (let n = 0; n < ROUNDS; n++) {
    await rounds.run();
    const seq = seqIn(seen.get(writer)?.at(-1) ?? "");
    const counted = writer.textWith(
      `"seq":${seq},"delivered":${SOCKETS - 1},"read":${SOCKETS - 1}`,
    );
    for (const reader of sockets) reader.send(`{"type":"receipt","read":${seq}}`);
    await Promise.all([counted, pause(BETWEEN_ROUNDS_MS)]);
  }
  requireIdentical([...seen.values()]);
  return rounds.times;
}

/** The events of a text as they came, without the acks that ride before the writer's own. */
function eventsIn(payload: Buffer): string {
  const text = payload.toString();
  return text.slice(text.indexOf('"events":')).replace(/\]$/, "");
}

function seqIn(events: string): number {
  return Number(/"seq":(\d+)/.exec(events)?.[1]);
}

function requireIdentical(sequences: readonly string[][]): void {
  const [first, ...others] = sequences.map((texts) => texts.join("\n"));
  if (first === undefined || others.some((other) => other !== first)) {
    throw new Error("two sockets saw different events");
  }
}

/** Node raises its own limit to the hard one, and what it starts inherits that. */
async function needOpenFiles(): Promise<void> {
  const limits = await readFile("/proc/self/limits", "utf8");
  const allowed = Number(/Max open files\s+(\d+)/.exec(limits)?.[1] ?? Infinity);
  if (allowed >= OPEN_FILES) return;
  throw new Error(
    `${OPEN_FILES} open files are needed and ${allowed} allowed: ulimit -Hn ${OPEN_FILES} (or nofile in limits.conf)`,
  );
}
