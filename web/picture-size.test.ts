import fc from "fast-check";
import { expect, test } from "vitest";
import { roomFor, saidSize } from "./picture-size.ts";

test.each([
  ["a photograph lying", { width: 4_000, height: 3_000 }, { width: 320, height: 240 }],
  ["a photograph standing", { width: 3_000, height: 4_000 }, { width: 240, height: 320 }],
  ["a small one", { width: 100, height: 80 }, { width: 100, height: 80 }],
  ["a line", { width: 10_000, height: 1 }, { width: 320, height: 48 }],
  ["one of unknown size", undefined, { width: 320, height: 240 }],
])("%s has its room", (_name, size, room) => {
  expect(roomFor(size)).toEqual(room);
});

test("whatever a sender says, a picture has room that fits among messages", () => {
  const side = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant(null));
  fc.assert(
    fc.property(fc.record({ width: side, height: side }), (metadata) => {
      const { width, height } = roomFor(saidSize(metadata));
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(48);
      expect(Math.max(width, height)).toBeLessThanOrEqual(320);
    }),
  );
});

test("a size that is none is as if none was said", () => {
  expect(saidSize({ width: 10, height: 20, colour: "red" })).toEqual({ width: 10, height: 20 });
  expect(saidSize({ width: 0, height: 20 })).toBe(undefined);
  expect(saidSize({ width: 1.5, height: 20 })).toBe(undefined);
  expect(saidSize(undefined)).toBe(undefined);
});
