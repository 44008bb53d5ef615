import { expect, test } from "vitest";
import { ReceiptQueue } from "./receipt-queue.ts";

const receipt = (userId: string, read: number, at: number) => ({
  userId,
  delivered: read,
  deliveredAt: at,
  read,
  readAt: at,
});

test("[OBX-9] of each member only the newest waits, and it waits until it is acked", () => {
  const queue = new ReceiptQueue([], 0);
  for (const read of [1, 2, 3]) queue.add(receipt("bob", read, read));
  queue.add(receipt("alice", 1, 9));
  const sent = queue.next(10);
  expect(sent).toEqual([receipt("bob", 3, 3), receipt("alice", 1, 9)]);
  expect(queue.next(1)).toEqual([receipt("bob", 3, 3)]);
  queue.acked(sent);
  expect([queue.isEmpty, queue.settledAt]).toEqual([true, 9]);
});

test("[OBX-9] a receipt that moved while it was under way waits on, and nothing counts as settled", () => {
  const queue = new ReceiptQueue([], 0);
  queue.add(receipt("bob", 1, 1));
  const sent = queue.next(10);
  queue.add(receipt("bob", 2, 2));
  queue.acked(sent);
  expect([queue.next(10), queue.settledAt]).toEqual([[receipt("bob", 2, 2)], 0]);
});

test("[OBX-9] after a crash what moved later than all that is settled waits again", () => {
  const stored = [receipt("alice", 1, 5), receipt("bob", 2, 6)];
  expect(new ReceiptQueue(stored, 5).next(10)).toEqual([receipt("bob", 2, 6)]);
});
