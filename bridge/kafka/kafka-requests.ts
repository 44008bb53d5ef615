import type { TopicMessages } from "kafkajs";
import type { KafkaRecord } from "./kafka-record.ts";

/**
 * Bytes of one request. kafkajs puts all records for a partition into one record batch and never splits it, and brokers
 * take batches up to 1,048,588 bytes (`message.max.bytes`); so even a request whose records share one partition fits.
 */
const REQUEST_BYTES = 900_000;
/** What a record adds to its value: headers, key and framing, measured at about 350. */
const RECORD_OVERHEAD_BYTES = 512;

/** The records of one request as kafkajs takes them. */
export function byTopic(records: readonly KafkaRecord[]): TopicMessages[] {
  return [...Map.groupBy(records, (record) => record.topic)].map(([topic, messages]) => ({
    topic,
    messages,
  }));
}

/** Cuts records into requests within the byte bound, keeping their order; a larger record gets its own. */
export function requestsOf(records: readonly KafkaRecord[]): KafkaRecord[][] {
  const requests: KafkaRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const bytes = Buffer.byteLength(record.value) + RECORD_OVERHEAD_BYTES;
    if (requests.length === 0 || bytes > room) {
      requests.push([]);
      room = REQUEST_BYTES;
    }
    requests.at(-1)?.push(record);
    room -= bytes;
  }
  return requests;
}
