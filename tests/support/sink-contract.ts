import { afterEach, beforeEach, expect, test } from "vitest";
import type { Sink } from "../../bridge/sinks/sink.ts";
import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";
import { archiveBatch, batchOf, foundedEvent, messageEvent } from "./archive-events.ts";

/** One event as it was found in a sink, in whichever place that sink keeps it. */
export interface FoundEvent {
  conversationId: string;
  seq: number;
  /** A message's text; null for a founding. */
  content: string | null;
}

/** A far end of its own for one test, that sinks can be started on again and again. */
export interface SinkHarness {
  open(): Sink;
  /** Everything the far end holds, in its order, repeats included. */
  read(): Promise<FoundEvent[]>;
  close(): Promise<void>;
}

/** What every sink promises, whatever is behind it. */
export function sinkContract(createHarness: () => Promise<SinkHarness>): void {
  let harness: SinkHarness;
  let sink: Sink;

  beforeEach(async () => {
    harness = await createHarness();
    sink = harness.open();
    await sink.start();
  });
  afterEach(async () => {
    await sink.stop();
    await harness.close();
  });

  async function restart(): Promise<void> {
    await sink.stop();
    sink = harness.open();
    await sink.start();
  }

  test("what write resolved is there, whole and in order per conversation", async () => {
    const batches = ["a", "b", "c"].map((id) => archiveBatch(id, 0, 20));
    expect(await sink.write(batches)).toEqual({ deadLetters: 0 });
    expect(firsts(await harness.read())).toEqual(logOf(batches));
  });

  test("groups follow each other", async () => {
    const groups = [archiveBatch("a", 0, 3), archiveBatch("a", 4, 4), archiveBatch("a", 5, 40)];
    for (const group of groups) await sink.write([group]);
    expect(firsts(await harness.read())).toEqual(logOf(groups));
  });

  test("writing again, also what is older, changes nothing but repeats", async () => {
    const batches = [archiveBatch("a", 0, 9), archiveBatch("b", 0, 3)];
    await sink.write(batches);
    await sink.write([archiveBatch("a", 2, 5)]);
    await sink.write(batches);
    expect(firsts(await harness.read())).toEqual(logOf(batches));
  });

  test("a sink that starts anew goes on behind what the last one wrote", async () => {
    await sink.write([archiveBatch("a", 0, 2)]);
    await restart();
    await sink.write([archiveBatch("a", 3, 5)]);
    expect(firsts(await harness.read())).toEqual(logOf([archiveBatch("a", 0, 5)]));
  });

  test("nothing to write is written at once", async () => {
    expect(await sink.write([])).toEqual({ deadLetters: 0 });
    expect(await harness.read()).toEqual([]);
  });

  test("no text and no metadata that a client may send is refused", async () => {
    const contents = ["", "\0", "\ud800", "𝄞", "é".repeat(16_000), "\u0001".repeat(32_768)];
    const metadata = { $set: { "a.b": [{ "": "\0" }] } };
    const messages = contents.map((content, index) =>
      messageEvent(index + 1, { content, metadata }),
    );
    const batch = batchOf("odd", [foundedEvent(), ...messages]);
    expect(await sink.write([batch])).toEqual({ deadLetters: 0 });
    expect(firsts(await harness.read()).map(({ content }) => content)).toEqual([
      null,
      ...contents.map((content) => content.toWellFormed()),
    ]);
  });
}

/** First occurrences, sorted by conversation but never by seq: what is out of order stays so. */
function firsts(found: readonly FoundEvent[]): FoundEvent[] {
  const seen = new Map<string, FoundEvent>();
  for (const event of found) {
    const id = `${event.conversationId}.${event.seq}`;
    const content = event.content?.toWellFormed() ?? null;
    if (!seen.has(id)) seen.set(id, { ...event, content });
  }
  return [...seen.values()].toSorted((a, b) => a.conversationId.localeCompare(b.conversationId));
}

function logOf(batches: readonly ArchiveBatch[]): FoundEvent[] {
  const events = batches.flatMap(({ conversation, events }) =>
    events.map((event) => ({
      conversationId: conversation.conversationId,
      seq: event.seq,
      content: event.type === "message" ? event.message.content : null,
    })),
  );
  return firsts(events);
}
