import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { fitInside, parseThumbnailSize } from "./thumbnail-size.ts";

test.each([
  ["small", 128],
  ["medium", 320],
  ["large", 800],
  ["1", 1],
  [`${LIMITS.thumbnailPixels}`, LIMITS.thumbnailPixels],
])("%s is %i pixels", (text, pixels) => {
  expect(parseThumbnailSize(text)).toBe(pixels);
});

test.each(["", "0", "-1", "01", "1e3", "1025", "9999", "99999", "tiny", "toString", "128px"])(
  "%j is no size",
  (text) => {
    expect(parseThumbnailSize(text)).toBeNull();
  },
);

test("a thumbnail fits, keeps its proportions to the pixel, and is never enlarged", () => {
  const side = fc.integer({ min: 1, max: 60_000 });
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 1_024 }), (width, height, pixels) => {
      const size = fitInside({ width, height }, pixels);
      expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(pixels);
      expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(1);
      const scale = Math.min(1, pixels / Math.max(width, height));
      expect(Math.abs(size.width - Math.max(1, width * scale))).toBeLessThanOrEqual(0.5);
      expect(Math.abs(size.height - Math.max(1, height * scale))).toBeLessThanOrEqual(0.5);
    }),
  );
});
