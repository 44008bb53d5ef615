import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { utf8Length } from "../protocol/utf8.ts";
import { eventFrames, fullGroup, reconnectSlotMs, socketTexts } from "./fan-out.ts";

const event = fc.record({ seq: fc.nat(), text: fc.string({ unit: "binary", maxLength: 60 }) });
const asJson = (values: readonly object[]) => values.map((value) => JSON.stringify(value));

function eventsIn(frames: readonly string[]): unknown[] {
  return frames.flatMap((frame): unknown[] => JSON.parse(frame).events);
}

describe("the frames of a group", () => {
  test("are one, nearly always, and none for no events", () => {
    expect(eventFrames([], 900)).toEqual([]);
    expect(eventFrames(['{"seq":1}', '{"seq":2}'], 900)).toEqual([
      '{"type":"events","events":[{"seq":1},{"seq":2}]}',
    ]);
  });

  test("[LIM-6] carry every event once, in order, within the bytes unless one alone is larger", () => {
    // what a frame of events has around its events
    const frameBytes = '{"type":"events","events":[]}'.length;
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 20 }),
        fc.integer({ min: 30, max: 2_000 }),
        (events, bytes) => {
          const frames = eventFrames(asJson(events), bytes);
          expect(eventsIn(frames)).toEqual(events);
          for (const frame of frames) {
            if (eventsIn([frame]).length === 1) continue;
            expect(utf8Length(frame)).toBeLessThanOrEqual(bytes + frameBytes);
          }
        },
      ),
    );
  });
});

describe("the texts for one socket", () => {
  test.each([
    ["nothing", [], [], []],
    ["frames alone", [], ["F1", "F2"], ["F1", "F2"]],
    ["one ack alone", ["A"], [], ["A"]],
    ["acks alone", ["A", "B"], [], ["[A,B]"]],
    ["acks before the first frame", ["A", "B"], ["F1", "F2"], ["[A,B,F1]", "F2"]],
  ])("[FAN-1] of %s", (_name, acks, frames, texts) => {
    expect(socketTexts(acks, frames, 1_000)).toEqual(texts);
  });

  test("[LIM-6] acks that do not fit beside the first frame leave in a text of their own", () => {
    expect(socketTexts(["A", "B"], ["F1", "F2"], 20)).toEqual(["[A,B]", "F1", "F2"]);
    expect(socketTexts(["A", "B"], ["F1", "F2"], 21)).toEqual(["[A,B,F1]", "F2"]);
  });
});

test("[LIM-8] a group is full the later the more readers there are, and never beyond the limit", () => {
  fc.assert(
    fc.property(fc.nat({ max: 5_000 }), fc.nat({ max: 100 }), (readers, more) => {
      expect(fullGroup(readers)).toBeGreaterThan(1);
      expect(fullGroup(readers)).toBeLessThanOrEqual(LIMITS.groupSends);
      expect(fullGroup(readers + more)).toBeGreaterThanOrEqual(fullGroup(readers));
    }),
  );
});

test("clients come back within a millisecond for each of them, and within ten seconds", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat({ max: 50_000 }), random, (sessions, random) => {
      const slot = reconnectSlotMs(sessions, random);
      expect(Number.isInteger(slot)).toBe(true);
      expect(slot).toBeGreaterThanOrEqual(0);
      expect(slot).toBeLessThanOrEqual(Math.min(sessions, 10_000));
    }),
  );
  expect(reconnectSlotMs(1, 0.999)).toBe(0);
  expect(reconnectSlotMs(20_000, 0.5)).toBe(5_000);
});
