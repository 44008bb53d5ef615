/** What the shard said to a batch for one sink. */
export type PublishOutcome =
  /** The sink has everything up to `seq`, and the receipts of the batch. */
  | { state: "acked"; seq: number }
  /** No bridge, or it has no room; the shard will call back. */
  | { state: "deferred" };

/** Whether a sink is behind, and how often in a row it could not be reached. */
export interface OutboxState {
  isBehind: boolean;
  failures: number;
}

/**
 * When the alarm should look again, in epoch ms; null when the sink has everything. First the next full minute,
 * so that one alarm row serves a busy minute; then doubling, since the shard calls back when the sink returns.
 */
export function nextOutboxAlarm(state: OutboxState, now: number): number | null {
  if (!state.isBehind) return null;
  const minutes = Math.min(2 ** state.failures, LONGEST_WAIT_MINUTES);
  return (Math.floor(now / MINUTE_MS) + minutes) * MINUTE_MS;
}

const MINUTE_MS = 60_000;
const LONGEST_WAIT_MINUTES = 16;

/**
 * Directories that keep the name of every conversation. A number of its own, which never changes, since OUTBOX_SHARDS may:
 * a name stays where it was put.
 */
export const DIRECTORIES = 16;

/** The name of the object that is a directory. */
export function directoryName(index: number): string {
  return `directory-${index}`;
}

/** The shard of a conversation: FNV-1a over its id, so that every isolate and the bridge agree. */
export function shardOf(conversationId: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < conversationId.length; i++) {
    hash = Math.imul(hash ^ conversationId.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % shards;
}
