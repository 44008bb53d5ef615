import type { LogEvent } from "../../protocol/event.ts";

/** Kafka topics by what they hold. */
export interface Topics {
  messages: string;
  events: string;
  deadLetter: string;
  /** Inbound. */
  quoteEvents: string;
  notifications: string;
}

export const DEFAULT_TOPICS: Topics = {
  messages: "chat.messages",
  events: "chat.events",
  deadLetter: "chat.dead-letter",
  quoteEvents: "quote.events",
  notifications: "chat.notifications",
};

const TOPIC_OF = {
  founded: "events",
  message: "messages",
  edited: "messages",
  deleted: "messages",
  erased: "messages",
  reaction: "messages",
  membership: "events",
  settings: "events",
  fileUploaded: "events",
  fileDeleted: "events",
  dismissed: "events",
  reported: "events",
  judged: "events",
} as const satisfies Record<LogEvent["type"], keyof Topics>;

export function topicOf(topics: Topics, type: LogEvent["type"]): string {
  return topics[TOPIC_OF[type]];
}
