import type { Kafka, Producer } from "kafkajs";
import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";
import { createKafka, RETRIES } from "./kafka-client.ts";
import type { KafkaConnection } from "./kafka-connection.ts";
import { refusalOf } from "./kafka-error.ts";
import { deadLetterRecord, kafkaRecords, type KafkaRecord } from "./kafka-record.ts";
import { byTopic, requestsOf } from "./kafka-requests.ts";
import { makeTopics } from "./kafka-topics.ts";
import { reasonOf, type Log } from "../log.ts";
import type { Sink } from "../sinks/sink.ts";
import type { Topics } from "./topics.ts";

export interface KafkaSinkOptions extends KafkaConnection {
  topics: Topics;
}

/**
 * Produces to Kafka with an idempotent producer and acks from all in-sync replicas.
 * One request at a time: kafkajs numbers the batches of requests that overlap before it knows how the first one ended,
 * and a retry then lands behind a later batch.
 */
export class KafkaSink implements Sink {
  readonly name = "kafka";
  readonly parallel = 1;
  readonly #kafka: Kafka;
  readonly #topics: Topics;
  readonly #log: Log;
  #producer: Producer | null = null;

  constructor(options: KafkaSinkOptions, log: Log) {
    this.#topics = options.topics;
    this.#log = log;
    this.#kafka = createKafka(options, log);
  }

  async start(): Promise<void> {
    await makeTopics(this.#kafka, this.#topics, this.#log);
    await this.#connected();
  }

  async write(batches: readonly ArchiveBatch[]): Promise<{ deadLetters: number }> {
    let deadLetters = 0;
    for (const chunk of requestsOf(kafkaRecords(this.#topics, batches))) {
      deadLetters += await this.#produce(chunk);
    }
    return { deadLetters };
  }

  async stop(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await producer?.disconnect();
  }

  /** Produces one request; when a record in it is refused for good, the records one by one, to find it. */
  async #produce(records: readonly KafkaRecord[]): Promise<number> {
    const refusal = await this.#send(records);
    if (refusal === null) return 0;
    const [only, ...others] = records;
    if (only !== undefined && others.length === 0) {
      await this.#bury(only, refusal);
      return 1;
    }
    let deadLetters = 0;
    for (const record of records) deadLetters += await this.#produce([record]);
    return deadLetters;
  }

  async #bury(record: KafkaRecord, reason: string): Promise<void> {
    this.#log.error("kafka.dead_letter", { eventId: record.headers["ce_id"], reason });
    const refusal = await this.#send([deadLetterRecord(this.#topics, record, reason)]);
    if (refusal !== null) throw new Error(`the dead-letter topic refused a record: ${refusal}`);
  }

  /** Null once all replicas have the records; the reason when the brokers will never take one of them. */
  async #send(records: readonly KafkaRecord[]): Promise<string | null> {
    const producer = await this.#connected();
    try {
      await producer.sendBatch({ acks: -1, topicMessages: byTopic(records) });
      return null;
    } catch (error) {
      this.#discard(producer);
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      return refusal;
    }
  }

  async #connected(): Promise<Producer> {
    if (this.#producer !== null) return this.#producer;
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { retries: RETRIES },
    });
    await producer.connect();
    this.#producer = producer;
    return producer;
  }

  /**
   * A request that failed may have been stored all the same, yet kafkajs takes its sequence numbers back. Other records
   * sent under the same numbers would be dropped by the broker as repeats: silent loss. A new producer has new numbers,
   * and the worst that is left is a repeat.
   */
  #discard(producer: Producer): void {
    this.#producer = null;
    producer.disconnect().catch((error: unknown) => {
      this.#log.warn("kafka.disconnect", { reason: reasonOf(error) });
    });
  }
}
