import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReaderEvent } from "../protocol/event.ts";
import { eventSince, inSight, Sights, sightsOf, textSince } from "./sight.ts";

const HEAD = 20;
const USERS = ["ada", "bob"] as const;
const before = fc.integer({ min: 1, max: HEAD });
const content = fc.string({ unit: "binary", maxLength: 8 });

/** What an event adds to its place, of every type that readers get. */
const told = fc.oneof(
  fc.record({
    type: fc.constant("message" as const),
    senderId: content,
    clientMessageId: content,
    message: fc.record({ type: fc.constant("TEXT" as const), content }),
  }),
  fc.record({
    type: fc.constant("edited" as const),
    senderId: content,
    target: before,
    version: fc.nat(),
    content,
  }),
  fc.record({ type: fc.constant("deleted" as const), senderId: content, target: before }),
  fc.record({
    type: fc.constant("erased" as const),
    senderId: content,
    userId: content,
    targets: fc.array(before, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant("reaction" as const),
    senderId: content,
    target: before,
    emoji: content,
    active: fc.boolean(),
  }),
  fc.record({ type: fc.constant("flagged" as const), target: before, isSpam: fc.boolean() }),
  fc.record({
    type: fc.constant("fileDeleted" as const),
    senderId: content,
    fileId: content,
    targets: fc.array(before, { maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant("fileUploaded" as const),
    senderId: content,
    fileId: content,
    mimeType: content,
    size: fc.nat(),
  }),
  fc.record({
    type: fc.constant("membership" as const),
    senderId: content,
    action: fc.constantFrom("added", "removed", "left", "banned", "role"),
    members: fc
      .constantFrom(...USERS)
      .map((userId) => [{ userId, name: userId, role: "member" as const }]),
  }),
  fc.record({
    type: fc.constant("settings" as const),
    senderId: content,
    settings: fc.constant({ name: "Team" }),
  }),
  fc.record({ type: fc.constant("dismissed" as const), senderId: content, memberCount: fc.nat() }),
  fc.constant({ type: "hidden" as const }),
);

/** Consecutive events after the head. */
const events = fc
  .array(told, { maxLength: 8 })
  .map((all) => all.map((each, n): ReaderEvent => ({ seq: HEAD + 1 + n, at: 1_000 + n, ...each })));

/** The seqs that stand in an event as what it is about. */
function named(event: ReaderEvent): number[] {
  if ("targets" in event) return event.targets;
  return "target" in event ? [event.target] : [];
}

const hidden = ({ seq, at }: ReaderEvent) => ({ seq, at, type: "hidden" });

describe("[CHG-8] what is told of messages before a member's history", () => {
  test("keeps its place and nothing else; what tells of later ones stays as it is", () => {
    fc.assert(
      fc.property(events, fc.nat(HEAD), (all, historyFrom) => {
        for (const event of all) {
          const shown = eventSince(event, historyFrom);
          expect({ seq: shown.seq, at: shown.at }).toEqual({ seq: event.seq, at: event.at });
          expect(named(shown).filter((seq) => seq <= historyFrom)).toEqual([]);
          const readable = named(event).filter((seq) => seq > historyFrom);
          if (readable.length > 0) expect(named(shown)).toEqual(readable);
          else if (named(event).length > 0) expect(shown).toEqual(hidden(event));
          else if (event.type !== "fileDeleted") expect(shown).toBe(event);
        }
      }),
    );
  });

  test("is the same in an event's text, which is left alone where nothing is concealed", () => {
    fc.assert(
      fc.property(events, fc.nat(HEAD), (all, historyFrom) => {
        for (const event of all) {
          const text = JSON.stringify(event);
          const shown = eventSince(event, historyFrom);
          expect(textSince(text, historyFrom)).toBe(JSON.stringify(shown));
        }
      }),
    );
  });

  test("of several messages, those are told of that the member may read", () => {
    const erased: ReaderEvent = {
      seq: 9,
      at: 1,
      type: "erased",
      senderId: "ada",
      userId: "bob",
      targets: [8, 3, 2],
    };
    expect(eventSince(erased, 2)).toEqual({ ...erased, targets: [8, 3] });
    expect(eventSince(erased, 8)).toEqual(hidden(erased));
  });

  test("a file that no message names may be older than any floor", () => {
    const at = { seq: 9, at: 1, type: "fileDeleted", senderId: "ada", fileId: "c.f1" } as const;
    const gone: ReaderEvent = { ...at, targets: [] };
    expect(eventSince(gone, 0)).toBe(gone);
    expect(eventSince(gone, 1)).toEqual(hidden(gone));
  });
});

describe("what depends on who reads", () => {
  test("[CHG-8] readers of one sight get what each of them would get alone", () => {
    fc.assert(
      fc.property(events, fc.nat(HEAD), (all, historyFrom) => {
        const sight = new Sights(all).of({ userId: "nobody", historyFrom, memberAt: 0 });
        const alone = all.map((event) => eventSince(event, historyFrom));
        expect(sight === null ? all : inSight(all, sight)).toEqual(alone);
      }),
    );
  });

  test("[MEM-1] whoever is put out gets that and nothing after it, unless he has come back since", () => {
    fc.assert(
      fc.property(events, fc.nat(HEAD + 8), (all, memberAt) => {
        const sight = new Sights(all).of({ userId: "bob", historyFrom: 0, memberAt });
        const end = all.findIndex(
          (event) =>
            event.seq > memberAt &&
            event.type === "membership" &&
            ["left", "removed", "banned"].includes(event.action) &&
            event.members.some(({ userId }) => userId === "bob"),
        );
        const expected = end < 0 ? all : all.slice(0, end + 1);
        expect(sight === null ? all : inSight(all, sight)).toEqual(expected);
      }),
    );
  });

  test("is nothing in messages, whatever they say", () => {
    const said = {
      seq: 4,
      at: 1,
      type: "message",
      senderId: "ada",
      clientMessageId: "k",
      message: { type: "TEXT", content: '{"seq":5,"at":1,"type":"edited","target":1}' },
    };
    expect(sightsOf([JSON.stringify(said)])).toBeNull();
    const settings = { seq: 5, at: 1, type: "settings", senderId: "ada", settings: {} };
    expect(sightsOf([JSON.stringify(settings)])).toBeNull();
    const deleted = { seq: 5, at: 1, type: "deleted", senderId: "ada", target: 4 };
    expect(sightsOf([JSON.stringify(said), JSON.stringify(deleted)])).not.toBeNull();
  });
});
