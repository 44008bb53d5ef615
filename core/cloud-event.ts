import type { LogEvent } from "../protocol/event.ts";
import { messageIdOf, type ConversationId } from "../protocol/ids.ts";

/** CloudEvents 1.0 types, one per kind of log event. */
const CLOUD_EVENT_TYPES = {
  founded: "parley.conversation.founded",
  message: "parley.message.created",
  edited: "parley.message.edited",
  deleted: "parley.message.deleted",
  reaction: "parley.message.reaction",
  membership: "parley.conversation.membership",
  settings: "parley.conversation.settings",
} as const satisfies Record<LogEvent["type"], string>;

/**
 * Headers of an event in CloudEvents' binary content mode for Kafka. `ce_id` is the same however often the event is
 * produced: consumers drop repeats by it. Source: CloudEvents Kafka binding 1.0.2, section 3.2.
 */
export function cloudEventHeaders(
  conversationId: ConversationId,
  event: LogEvent,
  time: (at: number) => string,
) {
  return {
    ce_specversion: "1.0",
    ce_id: messageIdOf(conversationId, event.seq),
    ce_source: `/conversations/${conversationId}`,
    ce_type: CLOUD_EVENT_TYPES[event.type],
    ce_time: time(event.at),
    "content-type": "application/json",
  };
}
