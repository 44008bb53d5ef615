import { randomUUID } from "node:crypto";
import { describe } from "vitest";
import { KafkaSink } from "../../bridge/kafka/kafka-sink.ts";
import { MongoSink } from "../../bridge/mongo/mongo-sink.ts";
import { sinkContract } from "../support/sink-contract.ts";
import { quietLog } from "../support/quiet-log.ts";
import { testTopics, TopicReader } from "./kafka-reader.ts";
import { kafkaBrokers, mongoUri } from "./endpoints.ts";
import { openArchive } from "./mongo-archive.ts";

describe("the Kafka sink", () => {
  sinkContract(async () => {
    const topics = testTopics();
    const brokers = kafkaBrokers();
    const reader = new TopicReader(brokers);
    return {
      open: () => new KafkaSink({ brokers, clientId: "contract", topics }, quietLog),
      read: async () => [
        ...(await reader.read(topics.events)),
        ...(await reader.read(topics.messages)),
      ],
      close: () => reader.deleteTopics(topics),
    };
  });
});

describe("the MongoDB sink", () => {
  sinkContract(async () => {
    const database = `contract_${randomUUID()}`;
    const archive = await openArchive(mongoUri(), database);
    return {
      open: () => new MongoSink({ uri: mongoUri(), database }, quietLog),
      read: () => archive.events(),
      close: () => archive.drop(),
    };
  });
});
