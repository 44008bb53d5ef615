import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MessageEvent, ReaderEvent } from "../protocol/event.ts";
import { MessageTimeline } from "./message-timeline.ts";

function message(seq: number, content: string, rest: Partial<MessageEvent> = {}): ReaderEvent {
  const text = { type: "TEXT" as const, content };
  return {
    seq,
    at: seq,
    type: "message",
    senderId: "ada",
    clientMessageId: `k${seq}`,
    message: text,
    ...rest,
  };
}
const edited = (seq: number, target: number, version: number, content: string): ReaderEvent => ({
  seq,
  at: seq,
  type: "edited",
  senderId: "ada",
  target,
  version,
  content,
});
const deleted = (seq: number, target: number): ReaderEvent => ({
  seq,
  at: seq,
  type: "deleted",
  senderId: "ada",
  target,
});
const reaction = (seq: number, target: number, senderId: string, active = true): ReaderEvent => ({
  seq,
  at: seq,
  type: "reaction",
  senderId,
  target,
  emoji: "👍",
  active,
});
const erased = (seq: number, ...targets: number[]): ReaderEvent => ({
  seq,
  at: seq,
  type: "erased",
  senderId: "mo",
  userId: "ada",
  targets,
});
const flagged = (seq: number, target: number, isSpam: boolean): ReaderEvent => ({
  seq,
  at: seq,
  type: "flagged",
  target,
  isSpam,
});

function after(...events: ReaderEvent[]): MessageTimeline {
  const timeline = new MessageTimeline();
  timeline.apply(events);
  return timeline;
}

describe(MessageTimeline, () => {
  test("[CHG-2] an edit shows in its message, and is no entry of its own", () => {
    const timeline = after(message(1, "a"), edited(2, 1, 2, "b"));
    expect(timeline.entries()).toMatchObject([
      { seq: 1, version: 2, editedAt: 2, message: { content: "b" } },
    ]);
  });

  test("[FIL-13] a deleted file is marked in the messages that name it, once, and not in deleted ones", () => {
    const attachments = ["team.f1"];
    const withFile = (seq: number) =>
      message(seq, "", { message: { type: "FILE", content: "", attachments } });
    const gone: ReaderEvent = {
      seq: 4,
      at: 4,
      type: "fileDeleted",
      senderId: "ada",
      fileId: "team.f1",
      targets: [1, 2, 99],
    };
    const timeline = after(withFile(1), withFile(2), deleted(3, 2));
    expect([...timeline.apply([gone])]).toEqual([1]);
    expect(timeline.at(1)).toMatchObject({
      message: { attachments, deletedAttachments: attachments },
    });
    expect([...timeline.apply([gone])]).toEqual([]);
  });

  test("[CHG-1] a message that came edited already is not edited again by its old edits", () => {
    const timeline = after(
      message(1, "c", { version: 3, editedAt: 3 }),
      edited(2, 1, 2, "b"),
      edited(3, 1, 3, "c"),
    );
    expect(timeline.at(1)).toMatchObject({ version: 3, message: { content: "c" } });
  });

  test("[CHG-3] a deletion takes words and reactions, and nothing brings them back", () => {
    const timeline = after(
      message(1, "a"),
      reaction(2, 1, "bo"),
      deleted(3, 1),
      edited(4, 1, 2, "x"),
      reaction(5, 1, "cy"),
    );
    expect(timeline.at(1)).toMatchObject({
      deletedAt: 3,
      message: { content: "" },
      reactions: new Map(),
    });
    expect(timeline.apply([message(1, "a")])).toEqual(new Set());
  });

  test("[CHG-3] a message that comes again as a deleted one loses its reactions too", () => {
    const gone = message(1, "", { deletedAt: 3 });
    expect(after(message(1, "a"), reaction(2, 1, "bo"), gone).at(1)).toMatchObject({
      deletedAt: 3,
      reactions: new Map(),
    });
  });

  test("[CHG-7] an erasure takes all that it names, and tells which those were", () => {
    const timeline = after(message(1, "a"), message(2, "b"), message(3, "c"), reaction(4, 1, "bo"));
    expect(timeline.apply([erased(5, 1, 3, 9)])).toEqual(new Set([1, 3]));
    expect(timeline.entries()).toMatchObject([
      { seq: 1, deletedAt: 5, message: { content: "" }, reactions: new Map() },
      { seq: 2, message: { content: "b" } },
      { seq: 3, deletedAt: 5 },
    ]);
    expect(timeline.apply([erased(5, 1, 3, 9), message(3, "c")])).toEqual(new Set());
  });

  test("[MOD-2] a flag shows in its message until it is lifted", () => {
    const timeline = after(message(1, "a"), flagged(2, 1, true));
    expect(timeline.at(1)).toHaveProperty("isSpam", true);
    expect(timeline.apply([flagged(2, 1, true)])).toEqual(new Set());
    expect(timeline.apply([flagged(3, 1, false)])).toEqual(new Set([1]));
    expect(timeline.at(1)).not.toHaveProperty("isSpam");
    expect(after(message(1, "a", { isSpam: true })).at(1)).toHaveProperty("isSpam", true);
  });

  test("[CHG-4] reactions gather by emoji and go again", () => {
    const timeline = after(
      message(1, "a"),
      reaction(2, 1, "bo"),
      reaction(3, 1, "cy"),
      reaction(4, 1, "bo", false),
    );
    expect(timeline.at(1)).toMatchObject({ reactions: new Map([["👍", new Set(["cy"])]]) });
  });

  test("[CHG-5] what is hidden is gone", () => {
    expect(after(message(1, "a"), { seq: 1, at: 1, type: "hidden" }).entries()).toEqual([]);
  });

  test("what concerns a message that was never seen is left alone", () => {
    expect(after(edited(5, 1, 2, "x"), reaction(6, 1, "bo"), deleted(7, 1)).entries()).toEqual([]);
  });

  test("applying any events a second time changes nothing", () => {
    const target = fc.integer({ min: 1, max: 4 });
    const event = fc.oneof(
      fc.tuple(target, fc.integer({ min: 2, max: 4 }), fc.string()).map(
        ([to, version, text]) =>
          (seq: number) =>
            edited(seq, to, version, text),
      ),
      target.map((to) => (seq: number) => deleted(seq, to)),
      fc.tuple(target, target).map((to) => (seq: number) => erased(seq, ...to)),
      fc.tuple(target, fc.boolean()).map(
        ([to, isSpam]) =>
          (seq: number) =>
            flagged(seq, to, isSpam),
      ),
      fc.tuple(target, fc.constantFrom("bo", "cy"), fc.boolean()).map(
        ([to, by, active]) =>
          (seq: number) =>
            reaction(seq, to, by, active),
      ),
    );
    fc.assert(
      fc.property(fc.array(event), (makers) => {
        const messages = [1, 2, 3, 4].map((seq) => message(seq, `${seq}`));
        const events = [...messages, ...makers.map((make, index) => make(5 + index))];
        const once = after(...events);
        const again = after(...events);
        again.apply(messages);
        expect(again.entries()).toEqual(once.entries());
      }),
    );
  });
});
