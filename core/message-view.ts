import type { MessageEvent } from "../protocol/event.ts";
import { messageIdOf, type ConversationId } from "../protocol/ids.ts";

/** How a reader of the view writes a moment: ISO text, or a database's date. `at` is epoch milliseconds. */
export type TimeWriter<Time> = (at: number) => Time;

/** The file that readers of one attachment see; undefined also when it was deleted. */
export function shownAttachment(message: MessageEvent["message"]): string | undefined {
  const [first] = message.attachments ?? [];
  if (first === undefined || message.deletedAttachments?.includes(first) === true) return undefined;
  return first;
}

/** A message as REST shows it and the archive keeps it: the contract's fields, and nGomna's names for them. */
export function messageView<Time>(
  conversationId: ConversationId,
  event: MessageEvent,
  time: TimeWriter<Time>,
) {
  const { message } = event;
  const messageId = messageIdOf(conversationId, event.seq);
  return {
    _id: messageId,
    id: messageId,
    messageId,
    conversationId,
    seq: event.seq,
    senderId: event.senderId,
    type: message.type,
    content: message.content,
    metadata: message.metadata ?? null,
    attachments: message.attachments ?? [],
    deletedAttachments: message.deletedAttachments ?? [],
    replyTo: message.replyTo ?? null,
    mentions: message.mentions ?? [],
    version: event.version ?? 1,
    editedAt: event.editedAt === undefined ? null : time(event.editedAt),
    deletedAt: event.deletedAt === undefined ? null : time(event.deletedAt),
    isSpam: event.isSpam ?? false,
    clientMessageId: event.clientMessageId,
    createdAt: time(event.at),
    timestamp: time(event.at),
  };
}
