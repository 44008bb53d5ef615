import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { flushAt, RECEIPT_GATHER_MS, ReceiptBook } from "./receipt-book.ts";

const move = fc.record({
  userId: fc.constantFrom("a", "b", "c"),
  delivered: fc.option(fc.nat(30), { nil: undefined }),
  read: fc.option(fc.nat(30), { nil: undefined }),
  head: fc.nat(20),
});

describe("ReceiptBook", () => {
  test("[RCP-1] [RCP-2] whatever is said: cursors only grow, stay within the head, and read is delivered", () => {
    fc.assert(
      fc.property(fc.array(move), (moves) => {
        const book = new ReceiptBook();
        let head = 0;
        for (const { userId, delivered, read, head: grown } of moves) {
          head = Math.max(head, grown);
          const before = book.of(userId);
          const moved = book.move(userId, { delivered, read }, head, 1);
          const after = book.of(userId);
          expect(after.read).toBe(Math.max(before.read, Math.min(read ?? 0, head)));
          expect(after.delivered).toBe(
            Math.max(before.delivered, after.read, Math.min(delivered ?? 0, head)),
          );
          expect(moved).toBe(before.read !== after.read || before.delivered !== after.delivered);
        }
      }),
    );
  });

  test("[RCP-3] a flush takes every receipt that moved, once, as it is by then", () => {
    const book = new ReceiptBook();
    book.move("a", { delivered: 1 }, 9, 1);
    book.move("b", { read: 2 }, 9, 1);
    book.move("a", { read: 3 }, 9, 2);
    expect(book.takeMoved()).toEqual([
      { userId: "a", delivered: 3, read: 3 },
      { userId: "b", delivered: 2, read: 2 },
    ]);
    expect(book.isDirty).toBe(false);
    expect(book.takeMoved()).toEqual([]);
  });

  test("[RCP-3] after a failed flush the receipts move again, but for people who have left", () => {
    const book = new ReceiptBook();
    book.move("a", { read: 1 }, 9, 1);
    book.move("b", { read: 1 }, 9, 1);
    const moved = book.takeMoved();
    book.forget("b");
    book.putBack(moved);
    expect(book.takeMoved().map(({ userId }) => userId)).toEqual(["a"]);
  });

  test("[RCP-3] what is not stored yet is shown to nobody else", () => {
    const book = new ReceiptBook([["a", { delivered: 1, deliveredAt: 1, read: 1, readAt: 1 }]]);
    book.move("a", { read: 5 }, 9, 2);
    expect(book.of("a").read).toBe(5);
    expect(book.storedOf("a").read).toBe(1);
    book.markStored(book.takeMoved());
    expect(book.storedOf("a").read).toBe(5);
  });

  test("times tell when each cursor last moved", () => {
    const book = new ReceiptBook();
    book.move("a", { delivered: 1 }, 9, 100);
    book.move("a", { read: 1 }, 9, 200);
    book.move("a", { delivered: 2 }, 9, 300);
    expect(book.of("a")).toEqual({ delivered: 2, deliveredAt: 300, read: 1, readAt: 200 });
  });
});

test.each([
  { now: 10_000, last: 0, at: 10_050, note: "after a quiet time: a moment of gathering" },
  { now: 10_000, last: 9_900, at: 10_900, note: "in a busy one: once a second" },
  { now: 10_000, last: 9_050, at: 10_050, note: "just at the border" },
])("[RCP-3] $note", ({ now, last, at }) => {
  expect(flushAt(now, last, RECEIPT_GATHER_MS)).toBe(at);
});
