import type { Kafka, Producer } from "kafkajs";
import { RETRIES } from "../kafka/kafka-client.ts";
import type { InboundRecord } from "./inbound-records.ts";
import { refusalOf } from "../kafka/kafka-error.ts";

/** Keeps inbound records that could not be applied: as they were, with where they lay and why. */
export class DeadLetters {
  readonly #kafka: Kafka;
  readonly #topic: string;
  #producer: Producer | null = null;

  constructor(kafka: Kafka, topic: string) {
    this.#kafka = kafka;
    this.#topic = topic;
  }

  /** Resolves once all replicas have it. A record that is too large for its grave leaves its place and its reason. */
  async bury({ place, key, value, headers }: InboundRecord, reason: string): Promise<void> {
    const told = {
      ...headers,
      "parley-reason": reason,
      "parley-topic": place.topic,
      "parley-partition": String(place.partition),
      "parley-offset": place.offset,
    };
    try {
      await this.#send({ key, value, headers: told });
    } catch (error) {
      if (refusalOf(error) === null) throw error;
      await this.#send({ key, value: null, headers: told });
    }
  }

  async stop(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await producer?.disconnect();
  }

  async #send(message: {
    key: Buffer | null;
    value: Buffer | null;
    headers: InboundRecord["headers"];
  }): Promise<void> {
    const producer = this.#producer ?? (await this.#connect());
    await producer.send({ topic: this.#topic, acks: -1, messages: [message] });
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      allowAutoTopicCreation: false,
      retry: { retries: RETRIES },
    });
    await producer.connect();
    this.#producer = producer;
    return producer;
  }
}
