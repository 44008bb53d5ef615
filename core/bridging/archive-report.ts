import { messageIdOf, type ConversationId } from "../../protocol/ids.ts";
import type { OutboxEvent } from "../../protocol/outbox-frames.ts";
import { reportFields } from "./event-value.ts";
import type { TimeWriter } from "../message-view.ts";

export interface ArchivedReport<Time> extends ReturnType<typeof reportFields<Time>> {
  _id: string;
}

/** One person's report of one message. It never changes: what came of it is in the message. */
export function reportDocument<Time>(
  conversationId: ConversationId,
  event: Extract<OutboxEvent, { type: "reported" }>,
  time: TimeWriter<Time>,
): ArchivedReport<Time> {
  const _id = messageIdOf(conversationId, event.seq);
  return { _id, ...reportFields(conversationId, event, time) };
}
