import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";
import type { FoundedEvent, LogEvent, MessageEvent } from "../../protocol/event.ts";
import type { OutboxEvent, OutboxReceipt } from "../../protocol/outbox-frames.ts";
import { parseConversationId } from "../../protocol/ids.ts";

/** Any moment will do; it is past the epoch so that a time that was lost shows. */
const FOUNDED_AT = 1_750_000_000_000;

export function foundedEvent(founderId = "alice"): FoundedEvent {
  const members = [{ userId: founderId, name: "A", role: "owner" as const }];
  return {
    seq: 0,
    at: FOUNDED_AT,
    type: "founded",
    senderId: founderId,
    conversation: { type: "group", name: "Team", members },
  };
}

export function messageEvent(
  seq: number,
  message: Partial<MessageEvent["message"]> = {},
): MessageEvent {
  return {
    seq,
    at: FOUNDED_AT + seq,
    type: "message",
    senderId: "alice",
    clientMessageId: `c-${seq}`,
    message: { type: "TEXT", content: `message ${seq}`, ...message },
  };
}

/** Events `from` to `to` of a conversation; 0 is its founding. */
export function archiveBatch(conversationId: string, from: number, to: number): ArchiveBatch {
  const events: LogEvent[] = [];
  for (let seq = from; seq <= to; seq++)
    events.push(seq === 0 ? foundedEvent() : messageEvent(seq));
  return batchOf(conversationId, events);
}

export function batchOf(
  conversationId: string,
  events: readonly OutboxEvent[],
  receipts: readonly OutboxReceipt[] = [],
): ArchiveBatch {
  const id = parseConversationId(conversationId);
  if (!id.ok) throw new Error(`${conversationId} is not a conversation id`);
  return { conversation: { conversationId: id.value, type: "group" }, events, receipts };
}
