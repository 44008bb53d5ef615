import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contentRange, parseRange } from "./byte-range.ts";

describe("parseRange", () => {
  test.each([
    ["bytes=0-0", 10, { offset: 0, length: 1 }],
    ["bytes=0-", 10, { offset: 0, length: 10 }],
    ["bytes=3-5", 10, { offset: 3, length: 3 }],
    ["bytes=8-99", 10, { offset: 8, length: 2 }],
    ["bytes=-4", 10, { offset: 6, length: 4 }],
    ["bytes=-99", 10, { offset: 0, length: 10 }],
    ["BYTES=1-1", 10, { offset: 1, length: 1 }],
  ])("%s of %i bytes", (header, size, range) => {
    expect(parseRange(header, size)).toEqual({ type: "part", range });
  });

  test.each(["bytes=10-", "bytes=11-20", "bytes=-0"])("%s lies behind ten bytes", (header) => {
    expect(parseRange(header, 10)).toEqual({ type: "unsatisfiable" });
  });

  test("nothing of an empty file can be satisfied", () => {
    for (const header of ["bytes=0-", "bytes=0-0", "bytes=-1"]) {
      expect(parseRange(header, 0)).toEqual({ type: "unsatisfiable" });
    }
  });

  test.each([
    null,
    "",
    "bytes=",
    "bytes=-",
    "bytes=5-3",
    "bytes=0-1,3-4",
    "items=0-1",
    "bytes=a-b",
  ])("%j is ignored", (header) => {
    expect(parseRange(header, 10)).toEqual({ type: "whole" });
  });

  test("any range is the bytes that slicing gives", () => {
    const file = fc.uint8Array({ minLength: 1, maxLength: 500 });
    fc.assert(
      fc.property(file, fc.nat({ max: 600 }), fc.nat({ max: 600 }), (bytes, first, more) => {
        const outcome = parseRange(`bytes=${first}-${first + more}`, bytes.length);
        const wanted = bytes.slice(first, first + more + 1);
        if (outcome.type !== "part") {
          expect(wanted).toHaveLength(0);
          return;
        }
        const { offset, length } = outcome.range;
        expect(bytes.slice(offset, offset + length)).toEqual(wanted);
        expect(length).toBe(wanted.length);
        expect(contentRange(outcome.range, bytes.length)).toBe(
          `bytes ${offset}-${offset + length - 1}/${bytes.length}`,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test("no header makes it throw or leave the file", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 100 }), (text, size) => {
        const outcome = parseRange(`bytes=${text}`, size);
        if (outcome.type !== "part") return;
        expect(outcome.range.offset + outcome.range.length).toBeLessThanOrEqual(size);
        expect(outcome.range.length).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });
});
