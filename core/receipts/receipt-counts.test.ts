import fc from "fast-check";
import { expect, test } from "vitest";
import { messageStatus } from "./message-status.ts";
import type { ReceiptCursor } from "./receipt-book.ts";
import { ReceiptCounts } from "./receipt-counts.ts";

const cursor = fc
  .record({ delivered: fc.nat(20), read: fc.nat(20) })
  .map(({ delivered, read }): ReceiptCursor => ({
    delivered: Math.max(delivered, read),
    deliveredAt: 1,
    read,
    readAt: 1,
  }));

test("[RCP-5] counts equal the names they stand for", () => {
  fc.assert(
    fc.property(
      fc.array(cursor, { maxLength: 40 }),
      fc.integer({ min: 1, max: 20 }),
      (others, seq) => {
        const author: ReceiptCursor = { delivered: seq, deliveredAt: 1, read: seq, readAt: 1 };
        const members = [author, ...others].map((each, index) => ({
          userId: `u${index}`,
          joinedSeq: 0,
          cursor: each,
        }));
        const named = messageStatus({ seq, senderId: "u0" }, members);
        expect(new ReceiptCounts([author, ...others]).at(seq)).toEqual({
          seq,
          delivered: named.deliveredTo.length,
          read: named.readBy.length,
        });
      },
    ),
  );
});
