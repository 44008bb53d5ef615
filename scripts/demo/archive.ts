import path from "node:path";
import { readConfig } from "../../bridge/config.ts";
import { openArchive } from "../../tests/services/mongo-archive.ts";
import { TopicReader } from "../../tests/services/kafka-reader.ts";
import { readCollection, readTopic } from "../../tests/support/embedded-archive.ts";
import type { FoundEvent } from "../../tests/support/sink-contract.ts";

/** Where the bridge of the demo writes, to be read back. */
export interface Archive {
  /** How each end is called in the table. */
  kafkaName: string;
  mongoName: string;
  kafka(): Promise<FoundEvent[]>;
  mongo(): Promise<FoundEvent[]>;
  close(): Promise<void>;
}

/** The ends that this environment of the bridge names; the embedded sink's files for those it does not. */
export async function openDemoArchive(
  environment: NodeJS.Dict<string>,
  sinkFolder: string,
): Promise<Archive> {
  const config = readConfig({ BRIDGE_SECRET: "only read for its sinks", ...environment });
  if (!config.ok) throw new Error(config.error);
  const { sinks, topics } = config.value;
  const kafka = sinks.find((sink) => sink.type === "kafka");
  const mongo = sinks.find((sink) => sink.type === "mongodb");
  const database = mongo === undefined ? null : await openArchive(mongo.uri, mongo.database);
  return {
    kafkaName: kafka === undefined ? "Kafka (embedded)" : "Kafka",
    mongoName: mongo === undefined ? "MongoDB (embedded)" : "MongoDB",
    kafka: () =>
      kafka === undefined
        ? readTopic(sinkFolder, topics.messages)
        : new TopicReader(kafka.brokers).read(topics.messages),
    mongo: () => (database === null ? embeddedMessages(sinkFolder) : database.events()),
    close: async () => database?.close(),
  };
}

async function embeddedMessages(folder: string): Promise<FoundEvent[]> {
  const documents = await readCollection(path.resolve(folder), "messages");
  return [...documents.values()].map(({ conversationId, seq, content }) => ({
    conversationId: String(conversationId),
    seq: Number(seq),
    content: String(content),
  }));
}
