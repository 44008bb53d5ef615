import { createHash } from "node:crypto";
import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";
import { cloudEventHeaders, receiptsHeaders } from "../../core/bridging/cloud-event.ts";
import { eventValue, newest, receiptsValue } from "../../core/bridging/event-value.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { topicOf, type Topics } from "./topics.ts";

/** One event as it lies in a topic. The key keeps a conversation in one partition, so in order. */
export interface KafkaRecord {
  topic: string;
  key: string;
  headers: Record<string, string>;
  value: string;
}

export function kafkaRecords(topics: Topics, batches: readonly ArchiveBatch[]): KafkaRecord[] {
  return batches.flatMap((batch) => [
    ...eventRecords(topics, batch),
    ...(batch.receipts.length === 0 ? [] : [receiptsRecord(topics, batch)]),
  ]);
}

/**
 * A record in place of one that the brokers refuse for good. It points to the event instead of holding it: what was
 * too large for one topic is too large for the next, and the conversation's log has it still.
 */
export function deadLetterRecord(topics: Topics, record: KafkaRecord, reason: string): KafkaRecord {
  return {
    topic: topics.deadLetter,
    key: record.key,
    headers: { ...record.headers, "parley-reason": reason, "parley-topic": record.topic },
    value: JSON.stringify({ eventId: record.headers["ce_id"], topic: record.topic, reason }),
  };
}

export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

function eventRecords(topics: Topics, { conversation, events }: ArchiveBatch): KafkaRecord[] {
  const key: ConversationId = conversation.conversationId;
  return events.map((event) => ({
    topic: topicOf(topics, event.type),
    key,
    headers: cloudEventHeaders(key, event, isoTime),
    value: JSON.stringify(eventValue(key, event, isoTime)),
  }));
}

/** Its id is made of what it says, so that a repeat has the same and no other record has. */
function receiptsRecord(topics: Topics, { conversation, receipts }: ArchiveBatch): KafkaRecord {
  const key = conversation.conversationId;
  const value = JSON.stringify(receiptsValue(key, receipts, isoTime));
  const digest = createHash("sha256").update(value).digest("base64url").slice(0, DIGEST_CHARS);
  return {
    topic: topics.events,
    key,
    headers: receiptsHeaders(key, digest, isoTime(newest(receipts))),
    value,
  };
}

/** 132 bits: no two records of one conversation ever share it. */
const DIGEST_CHARS = 22;
