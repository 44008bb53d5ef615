import type { Kafka } from "kafkajs";
import { TOPICS } from "../migrations/kafka/topics.ts";
import { answerTypes } from "./kafka-error.ts";
import { reasonOf, type Log } from "./log.ts";
import type { Topics } from "./topics.ts";

/** A cluster may keep its topics to its administrators: then they must exist, and producing shows whether they do. */
const NOT_OURS_TO_MAKE: ReadonlySet<string> = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "POLICY_VIOLATION",
]);

/** Makes the topics that are missing, with the brokers' own replication factor. */
export async function makeTopics(kafka: Kafka, topics: Topics, log: Log): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = TOPICS.filter(({ holds }) => !existing.has(topics[holds]));
    if (missing.length === 0) return;
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map(({ holds, partitions, config }) => ({
        topic: topics[holds],
        numPartitions: partitions,
        configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
      })),
    });
    log.info("kafka.topics_made", { topics: missing.map(({ holds }) => topics[holds]).join(",") });
  } catch (error) {
    if (!isNotOurs(error)) throw error;
    log.warn("kafka.topics_not_made", { reason: reasonOf(error) });
  } finally {
    await admin.disconnect();
  }
}

function isNotOurs(error: unknown): boolean {
  const types = answerTypes(error);
  return types.length > 0 && types.every((type) => NOT_OURS_TO_MAKE.has(type));
}
