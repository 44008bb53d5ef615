import { setTimeout as pause } from "node:timers/promises";
import { withSignsOfLife } from "../../scripts/signs-of-life.ts";
import { Participant } from "../support/participant.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { readLog } from "../support/read-log.ts";
import { judge, type Verdict } from "./verdict.ts";

export interface ChaosOptions {
  seconds: number;
  writers: number;
  /** Sends that each writer has under way. */
  window: number;
  /** Takes signs of life. */
  said: (line: string) => void;
}

export interface ChaosResult extends Verdict {
  faults: { kills: number; cuts: number };
}

/** Bounds of the random waits between faults, ms. */
const BETWEEN_KILLS: Bounds = [600, 2_000];
const BETWEEN_CUTS: Bounds = [50, 400];
/** Bounded, so that reading the run back stays a matter of seconds. */
const MAX_MESSAGES_PER_LANE = 5_000;

type Bounds = readonly [number, number];

/**
 * Kills the runtime with SIGKILL while writers write, again and again, brings it back on the same disk, cuts sockets in
 * between; then judges what the log holds against what every participant was told and shown. Every second writer is on
 * the socket for many conversations.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const parley = await ParleyWorkerd.start({ bridge: false });
  const users = Array.from({ length: options.writers }, (_, index) => `writer-${index + 1}`);
  const conversationId = await parley.group(users);
  const participants = users.map(
    (user, n) => new Participant(parley, conversationId, user, n % 2 === 0 ? "direct" : "shared"),
  );
  const acked = () => participants.reduce((sum, { acked: own }) => sum + own.size, 0);
  let step = "killing and cutting";
  try {
    return await withSignsOfLife(
      options.said,
      () => `${step}, ${acked()} messages are acked`,
      async () => {
        const faults = await storm(options, parley, participants);
        step = "reading the log back";
        const log = await readLog(parley, conversationId, users[0] ?? "");
        await Promise.all(participants.map((participant) => participant.hasSeen(log.length)));
        return { ...judge(log, participants), faults };
      },
    );
  } finally {
    for (const participant of participants) participant.close();
    await parley.stop();
  }
}

/** All that happens to them, until everybody has an ack for everything. */
async function storm(
  { seconds, window }: ChaosOptions,
  parley: ParleyWorkerd,
  participants: readonly Participant[],
): Promise<ChaosResult["faults"]> {
  const ending = new AbortController();
  const writing = participants.flatMap((participant) =>
    Array.from({ length: window }, (_, lane) => write(participant, lane, ending.signal)),
  );
  const killing = repeat(BETWEEN_KILLS, ending.signal, () => crash(parley, participants));
  const cutting = repeat(BETWEEN_CUTS, ending.signal, async () => pick(participants).cut());
  await pause(seconds * 1_000);
  ending.abort();
  const [kills, cuts] = await Promise.all([killing, cutting]);
  await Promise.all(writing);
  // one more each, so that something was written after the last crash
  await Promise.all(participants.map((each) => each.send("last", `${each.userId}-last`)));
  return { kills, cuts };
}

async function crash(parley: ParleyWorkerd, participants: readonly Participant[]): Promise<void> {
  await parley.workerd.restart();
  // as on a phone that sees its network come back; else the run would be spent in waiting
  for (const { session } of participants) session.wake();
}

async function write(participant: Participant, lane: number, signal: AbortSignal): Promise<void> {
  for (let index = 0; index < MAX_MESSAGES_PER_LANE && !signal.aborted; index++) {
    const key = `${participant.userId}-${lane}-${index}`;
    await participant.send(`message ${key}`, key);
  }
}

/** Does it at random intervals until the signal; answers how often. */
async function repeat(
  [least, most]: Bounds,
  signal: AbortSignal,
  act: () => Promise<void>,
): Promise<number> {
  let times = 0;
  for (;;) {
    const waited = await pause(least + Math.random() * (most - least), true, { signal }).catch(
      () => false,
    );
    if (!waited) return times;
    await act();
    times++;
  }
}

function pick<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}
