import type { LogEvent } from "../../protocol/event.ts";
import { messageIdOf, type ConversationId } from "../../protocol/ids.ts";
import type { OutboxEvent } from "../../protocol/outbox-frames.ts";

/** CloudEvents 1.0 types, one per kind of log event. */
const CLOUD_EVENT_TYPES = {
  founded: "parley.conversation.founded",
  message: "parley.message.created",
  edited: "parley.message.edited",
  deleted: "parley.message.deleted",
  erased: "parley.message.erased",
  reaction: "parley.message.reaction",
  membership: "parley.conversation.membership",
  settings: "parley.conversation.settings",
  fileUploaded: "parley.file.uploaded",
  fileDeleted: "parley.file.deleted",
  dismissed: "parley.conversation.dismissed",
  reported: "parley.report.made",
  judged: "parley.report.judged",
} as const satisfies Record<LogEvent["type"], string>;

/** What `ce_type` may say. */
export type CloudEventType =
  | (typeof CLOUD_EVENT_TYPES)[LogEvent["type"]]
  | "parley.conversation.receipts";

/**
 * Headers of an event in CloudEvents' binary content mode for Kafka. `ce_id` is the same however often the event is
 * produced: consumers drop repeats by it. Source: CloudEvents Kafka binding 1.0.2, section 3.2.
 */
export function cloudEventHeaders(
  conversationId: ConversationId,
  event: OutboxEvent,
  time: (at: number) => string,
) {
  const written = headers(conversationId, {
    id: messageIdOf(conversationId, event.seq),
    type: CLOUD_EVENT_TYPES[event.type],
    time: time(event.at),
  });
  return { ...written, ...traceHeaders(event) };
}

/**
 * The trace of an event, for tools that know Kafka and for those that know CloudEvents; none when it has none.
 * Source: CloudEvents distributed tracing extension 1.0.
 */
function traceHeaders(event: OutboxEvent): Record<string, string> {
  if (event.type === "founded" || event.traceparent === undefined) return {};
  return { traceparent: event.traceparent, ce_traceparent: event.traceparent };
}

/** The same for receipts, which are no events of the log: `digest` is of what the record says. */
export function receiptsHeaders(conversationId: ConversationId, digest: string, time: string) {
  const id = `${conversationId}.receipts.${digest}`;
  return headers(conversationId, { id, type: "parley.conversation.receipts", time });
}

function headers(
  conversationId: ConversationId,
  { id, type, time }: { id: string; type: string; time: string },
) {
  return {
    ce_specversion: "1.0",
    ce_id: id,
    ce_source: `/conversations/${conversationId}`,
    ce_type: type,
    ce_time: time,
    "content-type": "application/json",
  };
}
