import { conversationDocument, messageDocument } from "../core/archive-document.ts";
import type { ArchiveBatch } from "../core/archive-writes.ts";
import { cloudEventHeaders } from "../core/cloud-event.ts";
import type { LogEvent } from "../protocol/event.ts";
import type { ConversationId } from "../protocol/ids.ts";
import { topicOf, type Topics } from "./topics.ts";

/** One event as it lies in a topic. The key keeps a conversation in one partition, so in order. */
export interface KafkaRecord {
  topic: string;
  key: ConversationId;
  headers: Record<string, string>;
  value: string;
}

export function kafkaRecords(topics: Topics, batches: readonly ArchiveBatch[]): KafkaRecord[] {
  return batches.flatMap(({ conversation, events }) =>
    events.map((event) => ({
      topic: topicOf(topics, event.type),
      key: conversation.conversationId,
      headers: cloudEventHeaders(conversation.conversationId, event, isoTime),
      value: JSON.stringify(valueOf(conversation.conversationId, event)),
    })),
  );
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

function valueOf(conversationId: ConversationId, event: LogEvent) {
  switch (event.type) {
    case "message":
      return messageDocument(conversationId, event, isoTime);
    case "founded":
      return conversationDocument(conversationId, event, isoTime);
    default: {
      const { at, ...fields } = event;
      return { conversationId, ...fields, timestamp: isoTime(at) };
    }
  }
}
