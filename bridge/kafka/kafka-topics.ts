import { setTimeout as pause } from "node:timers/promises";
import type { Admin, Kafka } from "kafkajs";
import { TOPICS } from "../../migrations/kafka/topics.ts";
import { answerTypes } from "./kafka-error.ts";
import { reasonOf, type Log } from "../log.ts";
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
      // kafkajs gives up at the first broker that has not heard of a topic yet
      waitForLeaders: false,
      topics: missing.map(({ holds, partitions, config }) => ({
        topic: topics[holds],
        numPartitions: partitions,
        configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
      })),
    });
    const made = missing.map(({ holds }) => topics[holds]);
    await untilLed(admin, made);
    log.info("kafka.topics_made", { topics: made.join(",") });
  } catch (error) {
    if (!isNotOurs(error)) throw error;
    log.warn("kafka.topics_not_made", { reason: reasonOf(error) });
  } finally {
    await admin.disconnect();
  }
}

/** Every partition has a leader; a broker may need a moment to hear of it. Throws when it takes too long. */
async function untilLed(admin: Admin, topics: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] });
      const partitions = found.flatMap((topic) => topic.partitions);
      if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) return;
    } catch (error) {
      if (attempt >= LEADER_ATTEMPTS) throw error;
    }
    if (attempt >= LEADER_ATTEMPTS) throw new Error("the new topics have no leaders yet");
    await pause(LEADER_PAUSE_MS);
  }
}

const LEADER_ATTEMPTS = 100;
const LEADER_PAUSE_MS = 100;

function isNotOurs(error: unknown): boolean {
  const types = answerTypes(error);
  return types.length > 0 && types.every((type) => NOT_OURS_TO_MAKE.has(type));
}
