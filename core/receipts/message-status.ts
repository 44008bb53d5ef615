import type { ReceiptCursor } from "./receipt-book.ts";

export type DeliveryStatus = "SENT" | "DELIVERED" | "READ";

/** Who has got one message and who has read it, of those it was meant for. */
export interface MessageStatus {
  status: DeliveryStatus;
  deliveredTo: string[];
  readBy: string[];
  /** How many have not got it. */
  pending: number;
  /** When the last one got it or read it, as far as cursors tell; epoch ms, null before that. */
  deliveredAt: number | null;
  readAt: number | null;
}

export interface Recipient {
  userId: string;
  joinedSeq: number;
  cursor: ReceiptCursor;
}

/**
 * The status of one message by its recipients' cursors. Whoever joined after it is no recipient: nobody waits for
 * people who were not there. Rule RCP-4.
 */
export function messageStatus(
  message: { seq: number; senderId: string },
  members: readonly Recipient[],
): MessageStatus {
  const recipients = members.filter(
    ({ userId, joinedSeq }) => userId !== message.senderId && joinedSeq < message.seq,
  );
  const delivered = recipients.filter(({ cursor }) => cursor.delivered >= message.seq);
  const read = recipients.filter(({ cursor }) => cursor.read >= message.seq);
  const isAll = (some: readonly Recipient[]) =>
    some.length > 0 && some.length === recipients.length;
  return {
    status: isAll(read) ? "READ" : isAll(delivered) ? "DELIVERED" : "SENT",
    deliveredTo: delivered.map(({ userId }) => userId),
    readBy: read.map(({ userId }) => userId),
    pending: recipients.length - delivered.length,
    deliveredAt: isAll(delivered) ? latest(delivered, "deliveredAt") : null,
    readAt: isAll(read) ? latest(read, "readAt") : null,
  };
}

function latest(recipients: readonly Recipient[], time: "deliveredAt" | "readAt"): number {
  return Math.max(...recipients.map(({ cursor }) => cursor[time]));
}
