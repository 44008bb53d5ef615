import type { BridgeReports } from "../../core/bridging/reports.ts";
import type { PublishOutcome } from "../../core/outbox.ts";
import type { Heartbeat } from "../../protocol/heartbeat.ts";
import type { OutboxConversation } from "../../protocol/outbox-frames.ts";

/** A batch as a Conversation hands it over: its events are JSON already and are spliced into the frame. */
export interface PublishedBatch {
  conversation: OutboxConversation;
  /** JSON array of consecutive events; the log up to `lastSeq` is the sink's once this batch is acked. */
  eventsText: string;
  /** JSON array of the newest receipts. */
  receiptsText: string;
  /** Events and receipts. */
  count: number;
  lastSeq: number;
}

/** What a shard knows of one sink. */
export interface SinkState {
  connected: boolean;
  /** Conversations that wait for it, up to 10,000. */
  waiting: number;
}

export interface OutboxRpc {
  /** What sinks there are; a conversation that asks before any bridge has come is called when one does. */
  sinks(conversationId: string): Promise<string[]>;
  /** Resolves when the sink has stored the batch. Without room for it the conversation is called back later. */
  publish(
    sink: string,
    batch: PublishedBatch,
  ): Promise<{ outcome: PublishOutcome; sinks: string[] }>;

  /** For health: how each sink is doing here. */
  state(): Promise<Record<string, SinkState>>;
  /** A bridge says how its sinks are. One shard keeps it for all. Rule OBX-10. */
  heartbeat(heartbeat: Heartbeat): Promise<void>;
  /** Of the sinks that there are. A bridge dials in once a sink works: until then all it speaks of may be one. */
  reports(): Promise<BridgeReports>;

  /** In a directory: a conversation is there. */
  list(conversationId: string): Promise<void>;
  /** In a directory: conversations, ascending, after `cursor`. */
  conversations(cursor: string, limit: number): Promise<string[]>;
}
