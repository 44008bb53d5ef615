import { readQuoteRecord } from "../../core/bridging/quote-event.ts";
import { readUserNotices } from "../../core/bridging/user-notice.ts";
import { ok } from "../../protocol/result.ts";
import type { ReadValue } from "./inbound-records.ts";
import type { Topics } from "../kafka/topics.ts";

/** One topic that is consumed. */
export interface InboundTopic {
  /** Its place in `Topics`. */
  holds: keyof Topics;
  /** In the name of its consumer group: a topic that is added later must not disturb the group of another. */
  group: string;
  read: ReadValue;
}

/** What is consumed, by the name that health and metrics use. */
export const INBOUND_TOPICS = {
  quotes: { holds: "quoteEvents", group: "inbound", read: readQuote },
  notifications: { holds: "notifications", group: "notifications", read: readUserNotices },
} as const satisfies Record<string, InboundTopic>;

export type InboundKind = keyof typeof INBOUND_TOPICS;

function readQuote(value: string): ReturnType<ReadValue> {
  const read = readQuoteRecord(value);
  if (!read.ok) return read;
  return ok(read.value.type === "accepted" ? [read.value.event] : []);
}
