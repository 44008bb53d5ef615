/**
 * The topics the bridge writes and reads, made at its start when they are missing; existing ones are left as they are.
 * The key is the conversation, so a partition holds whole conversations in order. More partitions than consumers
 * costs little; adding some later moves conversations to other partitions, and their order is lost across the change.
 */
export const TOPICS = [
  { holds: "messages", partitions: 12, config: {} },
  { holds: "events", partitions: 12, config: {} },
  { holds: "quoteEvents", partitions: 6, config: {} },
  { holds: "notifications", partitions: 6, config: {} },
  /** Read by people, after an alert: kept for 30 days. */
  { holds: "deadLetter", partitions: 1, config: { "retention.ms": "2592000000" } },
] as const;
