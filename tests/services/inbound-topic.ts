import { randomUUID } from "node:crypto";
import { Kafka, logLevel, type Message } from "kafkajs";
import { expect } from "vitest";
import { DEFAULT_TOPICS } from "../../bridge/kafka/topics.ts";
import { eventually } from "../support/eventually.ts";
import { kafkaBrokers } from "./endpoints.ts";

const WITHIN_MS = 60_000;
const PARTITIONS = 2;

/** A topic of a test's own that a bridge consumes, and what became of its records. */
export class InboundTopic {
  readonly name: string;
  readonly #kafka = new Kafka({
    clientId: "inbound-test",
    brokers: kafkaBrokers(),
    logLevel: logLevel.NOTHING,
  });
  readonly #admin = this.#kafka.admin();
  readonly #producer = this.#kafka.producer();
  readonly #groupId: string;

  private constructor(name: string, groupId: string) {
    this.name = name;
    this.#groupId = groupId;
  }

  static async create(name: string, groupId: string): Promise<InboundTopic> {
    const topic = new InboundTopic(name, groupId);
    await topic.#admin.connect();
    const topics = [{ topic: name, numPartitions: PARTITIONS }];
    await topic.#admin.createTopics({ waitForLeaders: false, topics });
    await topic.#producer.connect();
    return topic;
  }

  async produce(...messages: Message[]): Promise<void> {
    await eventually(() => this.#producer.send({ topic: this.name, messages }), WITHIN_MS);
  }

  /** Resolves once the bridge's group has committed every record. */
  async committed(): Promise<void> {
    await eventually(async () => {
      const ends = await this.#admin.fetchTopicOffsets(this.name);
      const [found] = await this.#admin.fetchOffsets({
        groupId: this.#groupId,
        topics: [this.name],
      });
      const offsets = new Map(
        found?.partitions.map(({ partition, offset }) => [partition, offset]),
      );
      for (const { partition, high } of ends) {
        if (high !== "0") expect(offsets.get(partition)).toBe(high);
      }
    }, WITHIN_MS);
  }

  /** Sends the group back to the first record; nobody may be in it. */
  async rewind(): Promise<void> {
    const back = { groupId: this.#groupId, topic: this.name, earliest: true };
    await eventually(() => this.#admin.resetOffsets(back), WITHIN_MS);
  }

  /** Records of this topic that could not be applied; waits for at least one. */
  async deadLetters(): Promise<{ value: string; reason: string }[]> {
    const found: { value: string; reason: string }[] = [];
    const consumer = this.#kafka.consumer({ groupId: `graves-${randomUUID()}` });
    await consumer.connect();
    await consumer.subscribe({ topic: DEFAULT_TOPICS.deadLetter, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message: { value, headers = {} } }) => {
        if (String(headers["parley-topic"]) !== this.name) return;
        found.push({ value: String(value), reason: String(headers["parley-reason"]) });
      },
    });
    await eventually(async () => expect(found.length).toBeGreaterThan(0), WITHIN_MS);
    await consumer.disconnect();
    return found;
  }

  async close(): Promise<void> {
    await Promise.all([this.#producer.disconnect(), this.#admin.disconnect()]);
  }
}
