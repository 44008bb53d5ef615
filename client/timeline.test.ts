import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReaderEvent } from "../protocol/event.ts";
import { admit } from "./timeline.ts";

function event(seq: number): ReaderEvent {
  const message = { type: "TEXT" as const, content: `message ${seq}` };
  return { seq, at: seq, type: "message", senderId: "a", clientMessageId: `k${seq}`, message };
}

test("[RES-5] repeats are dropped and what continues the timeline is admitted", () => {
  expect(admit(2, [1, 2, 3, 3, 4].map(event))).toEqual({
    fresh: [event(3), event(4)],
    cursor: 4,
    gap: false,
  });
});

test("[RES-5] a hole stops the timeline before it", () => {
  expect(admit(0, [1, 2, 4, 5].map(event))).toEqual({
    fresh: [event(1), event(2)],
    cursor: 2,
    gap: true,
  });
});

test("whatever arrives, the fresh events are the next ones in order and end at the cursor", () => {
  const seqs = fc.array(fc.nat({ max: 12 }), { maxLength: 20 });
  fc.assert(
    fc.property(fc.nat({ max: 6 }), seqs, (cursor, arriving) => {
      const admitted = admit(cursor, arriving.map(event));
      const expected = Array.from(
        { length: admitted.cursor - cursor },
        (_, index) => cursor + 1 + index,
      );
      expect(admitted.fresh.map((fresh) => fresh.seq)).toEqual(expected);
      if (!admitted.gap) expect(arriving.every((seq) => seq <= admitted.cursor)).toBe(true);
    }),
  );
});
