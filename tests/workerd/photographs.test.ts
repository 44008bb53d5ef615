import { describe, expect, test } from "vitest";
import { fitInside } from "../../core/files/thumbnail-size.ts";
import { decodeWebp } from "../../worker/files/wasm-codecs.ts";
import { valueOf } from "./support/conversations.ts";
import { inlineBytes } from "./support/pictures.ts";
import { pictureOf, RENDERERS } from "./support/renderers.ts";

/** What Vite makes of a pattern: path → data URL. */
const STILLS: Record<string, string> = import.meta.glob("../fixtures/photographs/still*", {
  eager: true,
  query: "?inline",
  import: "default",
});
const SEEN = { width: 150, height: 103 };

/** The photograph in six columns and four rows: the mean colour of each part, from the top left. */
const GOLDEN = [
  [144, 46, 22],
  [151, 49, 23],
  [138, 30, 0],
  [130, 29, 1],
  [149, 49, 19],
  [147, 44, 16],
  [157, 91, 51],
  [161, 92, 56],
  [151, 60, 0],
  [142, 57, 2],
  [136, 81, 49],
  [129, 77, 50],
  [89, 83, 67],
  [146, 137, 126],
  [171, 115, 57],
  [179, 124, 83],
  [133, 117, 107],
  [129, 114, 97],
  [114, 96, 73],
  [171, 171, 171],
  [240, 241, 245],
  [197, 215, 240],
  [103, 99, 94],
  [67, 56, 40],
];
const [COLUMNS, ROWS] = [6, 4];
/** Of the mean of a part, of 255: two lossy formats, and a palette of 256 colours. */
const TOLERANCE = 20;

/** The mean colour of each part of a picture. */
function partsOf({
  data,
  width,
  height,
}: {
  data: Uint8ClampedArray;
  width: number;
  height: number;
}) {
  return GOLDEN.map((_, part) => {
    const [column, row] = [part % COLUMNS, Math.floor(part / COLUMNS)];
    const [left, right] = [column, column + 1].map((n) => Math.round((n * width) / COLUMNS));
    const [top, bottom] = [row, row + 1].map((n) => Math.round((n * height) / ROWS));
    const sums = [0, 0, 0];
    let pixels = 0;
    for (let y = top ?? 0; y < (bottom ?? 0); y++) {
      for (let x = left ?? 0; x < (right ?? 0); x++, pixels++) {
        for (const channel of [0, 1, 2]) {
          sums[channel] = (sums[channel] ?? 0) + (data[(y * width + x) * 4 + channel] ?? 0);
        }
      }
    }
    return sums.map((sum) => sum / pixels);
  });
}

describe.each(Object.entries(RENDERERS))("%s", (_name, open) => {
  test.each(Object.keys(STILLS))(
    "[FIL-5] %s: the photograph, upright, small, and nothing but the picture",
    async (path) => {
      const picture = pictureOf(inlineBytes(STILLS[path] ?? ""));
      const { bytes } = valueOf(await open().render(picture, 128));
      const decoded = await decodeWebp(bytes);
      expect(decoded).toMatchObject(fitInside(SEEN, 128));
      expect(new TextDecoder("latin1").decode(bytes)).not.toMatch(
        /Exif|EXIF|XMP|SecretCamera|ICCP/,
      );
      const parts = partsOf(decoded);
      for (const [part, golden] of GOLDEN.entries()) {
        for (const [channel, wanted] of golden.entries()) {
          const away = Math.abs((parts[part]?.[channel] ?? -1) - wanted);
          expect(away, `part ${part}, channel ${channel}`).toBeLessThan(TOLERANCE);
        }
      }
    },
  );
});
