import { Kafka, logLevel } from "kafkajs";
import { expect, onTestFinished, test } from "vitest";
import { KafkaSink } from "../../bridge/kafka/kafka-sink.ts";
import { batchOf, foundedEvent, messageEvent } from "../support/archive-events.ts";
import { quietLog } from "../support/quiet-log.ts";
import { kafkaBrokers } from "./endpoints.ts";
import { testTopics, TopicReader } from "./kafka-reader.ts";

/** Of one record of the topic; small messages fit with all their headers. */
const MAX_BYTES = 4_000;

test("a record that Kafka calls too large is a pointer in the dead-letter topic, and all others are written in order", async () => {
  const brokers = kafkaBrokers();
  const topics = testTopics();
  const admin = new Kafka({ clientId: "narrow", brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const configEntries = [{ name: "max.message.bytes", value: `${MAX_BYTES}` }];
  await admin.createTopics({
    waitForLeaders: false,
    topics: [{ topic: topics.messages, numPartitions: 1, configEntries }],
  });
  await admin.disconnect();
  const reader = new TopicReader(brokers);
  const sink = new KafkaSink({ brokers, clientId: "dead-letters", topics }, quietLog);
  onTestFinished(async () => {
    await sink.stop();
    await reader.deleteTopics(topics);
  });
  await sink.start();
  const tooLarge = messageEvent(2, { content: "x".repeat(2 * MAX_BYTES) });
  const events = [foundedEvent(), messageEvent(1), tooLarge, messageEvent(3)];
  expect(await sink.write([batchOf("narrow", events)])).toEqual({ deadLetters: 1 });
  expect((await reader.read(topics.messages)).map(({ seq }) => seq)).toEqual([1, 3]);
  const [letter, ...others] = await reader.records(topics.deadLetter);
  expect(others).toEqual([]);
  expect(letter).toMatchObject({
    key: "narrow",
    value: { eventId: "narrow.2", topic: topics.messages, reason: "MESSAGE_TOO_LARGE" },
    headers: { "parley-reason": "MESSAGE_TOO_LARGE", "parley-topic": topics.messages },
  });
});
