import { setTimeout as pause } from "node:timers/promises";
import type { ReaderEvent } from "../../client/index.ts";
import type { FoundEvent } from "../../tests/support/sink-contract.ts";
import type { Archive } from "./archive.ts";
import type { Played } from "./play.ts";

/** How many messages of one conversation each place holds, and whether all places hold the same. */
export interface Comparison {
  title: string;
  counts: { said: number; viewers: number; edge: number; kafka: number; mongo: number };
  agree: boolean;
}

const ARCHIVED_WITHIN_MS = 30_000;
const LOOK_AGAIN_MS = 250;
const PAGE = 200;

/** Reads the conversations back from everywhere; the archive gets a while, since nobody waits for it in live chat. */
export async function compareAll(
  played: readonly Played[],
  archive: Archive,
): Promise<Comparison[]> {
  const deadline = performance.now() + ARCHIVED_WITHIN_MS;
  for (;;) {
    const [kafka, mongo] = await Promise.all([
      archive.kafka().catch(() => []),
      archive.mongo().catch(() => []),
    ]);
    const comparisons = await Promise.all(played.map((each) => compare(each, kafka, mongo)));
    if (comparisons.every(({ agree }) => agree) || performance.now() > deadline) return comparisons;
    await pause(LOOK_AGAIN_MS);
  }
}

async function compare(
  played: Played,
  kafka: readonly FoundEvent[],
  mongo: readonly FoundEvent[],
): Promise<Comparison> {
  const { title, conversationId, viewers, messages } = played;
  const edge = linesOf(await history(played));
  const seen = viewers.map((viewer) => linesOf(viewer.seen));
  const inKafka = archivedLines(kafka, conversationId);
  // documents have no order of their own; their seq is it
  const inMongo = archivedLines(mongo, conversationId).toSorted(
    (one, other) => one.seq - other.seq,
  );
  const expected = JSON.stringify(edge);
  const agree =
    edge.length === messages &&
    [...seen, inKafka, inMongo].every((lines) => JSON.stringify(lines) === expected);
  const counts = {
    said: messages,
    viewers: viewers.length,
    edge: edge.length,
    kafka: inKafka.length,
    mongo: inMongo.length,
  };
  return { title, counts, agree };
}

interface Line {
  seq: number;
  content: string;
}

function linesOf(events: readonly ReaderEvent[]): Line[] {
  return events
    .filter((event) => event.type === "message")
    .map(({ seq, message }) => ({ seq, content: message.content }));
}

/** The messages of one conversation as an archive holds them; a repeat of at-least-once delivery counts once. */
function archivedLines(found: readonly FoundEvent[], conversationId: string): Line[] {
  const lines = new Map<number, Line>();
  for (const { conversationId: id, seq, content } of found) {
    if (id === conversationId && content !== null && !lines.has(seq))
      lines.set(seq, { seq, content });
  }
  return [...lines.values()];
}

/** The whole log by REST, page by page, as a member reads it. */
async function history({ conversationId, viewers }: Played): Promise<ReaderEvent[]> {
  const reader = viewers[0]?.person.client.rest;
  if (reader === undefined) throw new Error("nobody can read the conversation");
  const events: ReaderEvent[] = [];
  for (;;) {
    const afterSeq = events.at(-1)?.seq ?? 0;
    const page = await reader.history(conversationId, { afterSeq, limit: PAGE });
    events.push(...page.messages);
    if (!page.hasMore) return events;
  }
}
