import { readQuoteRecord } from "../core/quote-event.ts";
import {
  INGEST_MAX,
  type IngestOutcome,
  type IngestRecord,
  type QuoteAccepted,
  type RecordPlace,
} from "../protocol/ingest.ts";
import { readTraceparent } from "../protocol/trace-context.ts";

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

export interface InboundEffects {
  ingest: (records: readonly IngestRecord[]) => Promise<readonly IngestOutcome[]>;
  bury: (record: InboundRecord, reason: string) => Promise<void>;
}

/**
 * Brings records in, in order; resolves when each has had its effect, is a dead letter, or concerns nobody. When it
 * throws, any part may have had its effect, and all of them come again: an effect counts once. Rules ING-1 and ING-3.
 */
export async function bringIn(
  records: readonly InboundRecord[],
  { ingest, bury }: InboundEffects,
): Promise<InboundCounts> {
  const counts: InboundCounts = { applied: 0, repeated: 0, skipped: 0, deadLetters: 0 };
  const wanted: { record: InboundRecord; ingested: IngestRecord }[] = [];
  for (const record of records) {
    const read = readQuoteRecord(record.value?.toString("utf8") ?? "");
    if (!read.ok) {
      await bury(record, read.error);
      counts.deadLetters++;
    } else if (read.value.type === "other") counts.skipped++;
    else wanted.push({ record, ingested: ingestedOf(record, read.value.event) });
  }
  for (let from = 0; from < wanted.length; from += INGEST_MAX) {
    const page = wanted.slice(from, from + INGEST_MAX);
    const outcomes = await ingest(page.map(({ ingested }) => ingested));
    if (outcomes.length !== page.length) throw new Error("the edge left records unanswered");
    for (const [index, outcome] of outcomes.entries()) {
      const { record } = page[index] ?? {};
      if (outcome.state !== "refused") counts[outcome.state]++;
      else if (record !== undefined) {
        await bury(record, outcome.reason);
        counts.deadLetters++;
      }
    }
  }
  return counts;
}

/** With the record's trace, as tools that know Kafka write it or those that know CloudEvents. Rule TRC-1. */
function ingestedOf({ place, headers }: InboundRecord, event: QuoteAccepted): IngestRecord {
  const named = headers["traceparent"] ?? headers["ce_traceparent"];
  const traceparent = readTraceparent(Buffer.isBuffer(named) ? named.toString("latin1") : named);
  return { place, event, ...(traceparent === undefined ? {} : { traceparent }) };
}
