import { randomUUID } from "node:crypto";
import { Kafka, logLevel, type KafkaMessage } from "kafkajs";
import type { Topics } from "../../bridge/kafka/topics.ts";
import { onceLed } from "../../scripts/once-led.ts";
import type { FoundEvent } from "../support/sink-contract.ts";

/** Topics of one test's own. */
export function testTopics(): Topics {
  const run = randomUUID();
  return {
    messages: `messages.${run}`,
    events: `events.${run}`,
    deadLetter: `dead-letter.${run}`,
    quoteEvents: `quotes.${run}`,
    notifications: `notifications.${run}`,
  };
}

export interface FoundRecord {
  key: string;
  value: unknown;
  headers: Record<string, string>;
}

/** Reads topics from their first record to their present end. */
export class TopicReader {
  readonly #kafka: Kafka;

  constructor(brokers: string[]) {
    this.#kafka = new Kafka({ clientId: "reader", brokers, logLevel: logLevel.NOTHING });
  }

  async read(topic: string): Promise<FoundEvent[]> {
    return (await this.records(topic)).flatMap(readEvent);
  }

  async records(topic: string): Promise<FoundRecord[]> {
    const ends = await this.#ends(topic);
    if (ends.size === 0) return [];
    // by their places: a consumer that has to join again begins anew, since nothing was committed
    const found = new Map<string, FoundRecord>();
    const consumer = this.#kafka.consumer({ groupId: `reader-${randomUUID()}` });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          autoCommit: false,
          async eachBatch({ batch }) {
            for (const message of batch.messages) {
              found.set(`${batch.partition}-${message.offset}`, recordOf(message));
            }
            const end = ends.get(batch.partition) ?? 0;
            if (Number(batch.lastOffset()) >= end - 1) ends.delete(batch.partition);
            if (ends.size === 0) resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return [...found.values()];
  }

  async deleteTopics(topics: Topics): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: Object.values(topics) });
    await admin.disconnect();
  }

  /** The end of each partition that holds records. */
  async #ends(topic: string): Promise<Map<number, number>> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const offsets = await onceLed(() => admin.fetchTopicOffsets(topic));
    await admin.disconnect();
    const ends = offsets.map(({ partition, high }) => [partition, Number(high)] as const);
    return new Map(ends.filter(([, high]) => high > 0));
  }
}

function recordOf({ key, value, headers = {} }: KafkaMessage): FoundRecord {
  const parsed: unknown = JSON.parse(String(value));
  const named = Object.entries(headers).map(([name, header]) => [name, String(header)] as const);
  return { key: String(key), value: parsed, headers: Object.fromEntries(named) };
}

/** Receipts have no place in the log, and are passed over. */
function readEvent({ key: conversationId, value }: FoundRecord): FoundEvent[] {
  const { seq, content }: { seq?: unknown; content?: unknown } = Object(value);
  if (typeof seq !== "number") return [];
  return [{ conversationId, seq, content: typeof content === "string" ? content : null }];
}
