import {
  INGEST_CALLS,
  INGEST_MAX,
  type InboundEvent,
  type IngestOutcome,
  type IngestRecord,
  type RecordPlace,
} from "../../protocol/ingest.ts";
import type { Result } from "../../protocol/result.ts";
import { readTraceparent } from "../../protocol/trace-context.ts";

/** A record as it lies in a topic. */
export interface InboundRecord {
  place: RecordPlace;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
}

/** What inbound records came to, since the bridge started. */
export interface InboundCounts {
  applied: number;
  repeated: number;
  /** Of a kind that nobody here waits for. */
  skipped: number;
  deadLetters: number;
}

/** What a record of a topic asks for, in parts; nothing when nobody here waits for it. The failure is for the dead letter. */
export type ReadValue = (value: string) => Result<readonly InboundEvent[], string>;

export interface InboundEffects {
  read: ReadValue;
  ingest: (records: readonly IngestRecord[]) => Promise<readonly IngestOutcome[]>;
  bury: (record: InboundRecord, reason: string) => Promise<void>;
}

/** One part of a record, on its way to the edge. */
interface Part {
  record: InboundRecord;
  ingested: IngestRecord;
}

/**
 * Brings records in, in order; resolves when each has had its effect, is a dead letter, or concerns nobody. When it
 * throws, any part may have had its effect, and all of them come again: an effect counts once. Rules ING-1 and ING-3.
 */
export async function bringIn(
  records: readonly InboundRecord[],
  { read, ingest, bury }: InboundEffects,
): Promise<InboundCounts> {
  const counts: InboundCounts = { applied: 0, repeated: 0, skipped: 0, deadLetters: 0 };
  const parts: Part[] = [];
  for (const record of records) {
    const events = read(record.value?.toString("utf8") ?? "");
    if (!events.ok) {
      await bury(record, events.error);
      counts.deadLetters++;
    } else if (events.value.length === 0) counts.skipped++;
    else for (const event of events.value) parts.push(partOf(record, event));
  }
  const outcomes = new Map<InboundRecord, IngestOutcome[]>();
  for (const page of pagesOf(parts)) {
    const answers = await ingest(page.map(({ ingested }) => ingested));
    if (answers.length !== page.length) throw new Error("the edge left records unanswered");
    for (const [index, { record }] of page.entries()) {
      outcomes.set(record, [...(outcomes.get(record) ?? []), ...answers.slice(index, index + 1)]);
    }
  }
  for (const [record, ofParts] of outcomes) {
    const refused = ofParts.find(({ state }) => state === "refused");
    if (refused?.state === "refused") {
      await bury(record, refused.reason);
      counts.deadLetters++;
    } else if (ofParts.some(({ state }) => state === "applied")) counts.applied++;
    else counts.repeated++;
  }
  return counts;
}

/** As many parts in each as one request may bring. */
function pagesOf(parts: readonly Part[]): Part[][] {
  const pages: Part[][] = [];
  let calls = 0;
  for (const part of parts) {
    const page = pages.at(-1);
    calls += callsOf(part.ingested.event);
    if (page !== undefined && page.length < INGEST_MAX && calls <= INGEST_CALLS) page.push(part);
    else {
      pages.push([part]);
      calls = callsOf(part.ingested.event);
    }
  }
  return pages;
}

/** Calls to objects that the edge makes for it. */
function callsOf(event: InboundEvent): number {
  return event.type === "userNotice" ? event.userIds.length : INGEST_CALLS / INGEST_MAX;
}

/** With the record's trace, as tools that know Kafka write it or those that know CloudEvents. Rule TRC-1. */
function partOf(record: InboundRecord, event: InboundEvent): Part {
  const { place, headers } = record;
  const named = headers["traceparent"] ?? headers["ce_traceparent"];
  const traceparent = readTraceparent(Buffer.isBuffer(named) ? named.toString("latin1") : named);
  const trace = traceparent === undefined ? {} : { traceparent };
  return { record, ingested: { place, event, ...trace } };
}
