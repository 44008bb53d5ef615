import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { utf8Length } from "../protocol/utf8.ts";
import { packFrames } from "./frame-packing.ts";

const framesOf = (text: string): unknown[] => [JSON.parse(text)].flat();

test("frames of one turn leave as one text", () => {
  expect(packFrames(['{"a":1}', '{"a":2}'])).toEqual(['[{"a":1},{"a":2}]']);
  expect(packFrames(['{"a":1}'])).toEqual(['{"a":1}']);
  expect(packFrames([])).toEqual([]);
});

test("[LIM-2] a full queue leaves as two texts of at most the allowed frames", () => {
  const texts = packFrames(Array.from({ length: LIMITS.pendingKeys }, (_, n) => `{"n":${n}}`));
  expect(texts.map((text) => framesOf(text).length)).toEqual([512, 488]);
});

test("[LIM-1] no text is over the byte limit, and no frame is lost or moved", () => {
  const content = fc.tuple(
    fc.constantFrom("a", "é", "漢", "😀"),
    fc.integer({ min: 1, max: 20_000 }),
  );
  fc.assert(
    fc.property(fc.array(content, { maxLength: 40 }), (contents) => {
      const frames = contents.map(([mark, times]) =>
        JSON.stringify({ content: mark.repeat(times) }),
      );
      const texts = packFrames(frames);
      for (const text of texts)
        expect(utf8Length(text)).toBeLessThanOrEqual(LIMITS.clientFrameBytes);
      expect(texts.flatMap(framesOf)).toEqual(frames.map((frame) => JSON.parse(frame)));
    }),
    { numRuns: 50 },
  );
});
