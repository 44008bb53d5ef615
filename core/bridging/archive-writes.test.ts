import { expect, test } from "vitest";
import { archiveBatch, batchOf } from "../../tests/support/archive-events.ts";
import { archiveWrites } from "./archive-writes.ts";

test("a group becomes its messages, its foundings, and how far each conversation is", () => {
  const writes = archiveWrites([archiveBatch("a", 0, 2), archiveBatch("b", 5, 6)], (at) => at);
  expect(writes.messages.map(({ _id }) => _id)).toEqual(["a.1", "a.2", "b.5", "b.6"]);
  expect(writes.founded.map(({ _id }) => _id)).toEqual(["a"]);
  expect(writes.reached).toEqual([
    { conversationId: "a", archivedSeq: 2, updatedAt: 1_750_000_000_002 },
    { conversationId: "b", archivedSeq: 6, updatedAt: 1_750_000_000_006 },
  ]);
});

test("two batches of one conversation reach its later end, in whatever order they come", () => {
  const writes = archiveWrites([archiveBatch("a", 3, 9), archiveBatch("a", 3, 4)], (at) => at);
  expect(writes.reached.map(({ archivedSeq }) => archivedSeq)).toEqual([9]);
});

test("[CHG-7] an erasure is a change of each message that it names, and of that one alone", () => {
  const erased = { seq: 3, at: 1, type: "erased" as const, senderId: "mo", userId: "alice" };
  const writes = archiveWrites([batchOf("a", [{ ...erased, targets: [1, 2] }])], (at) => at);
  expect(writes.messageChanges).toEqual([
    { _id: "a.1", events: [{ ...erased, targets: [1] }] },
    { _id: "a.2", events: [{ ...erased, targets: [2] }] },
  ]);
});
