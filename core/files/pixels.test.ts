import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Orientation } from "./exif-orientation.ts";
import { shrink, upright, type Pixels } from "./pixels.ts";

/** One opaque pixel for each letter, its red channel the letter. */
function picture(...rows: string[]): Pixels {
  const bytes = rows
    .join("")
    .split("")
    .flatMap((letter) => [letter.charCodeAt(0), 0, 0, 255]);
  const width = rows[0]?.length ?? 0;
  return { width, height: rows.length, data: Uint8ClampedArray.from(bytes) };
}

function rowsOf({ width, height, data }: Pixels): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) =>
      String.fromCharCode(data[(y * width + x) * 4] ?? 0),
    ).join(""),
  );
}

describe("upright", () => {
  test.each<[Orientation, string[]]>([
    [1, ["abc", "def"]],
    [2, ["cba", "fed"]],
    [3, ["fed", "cba"]],
    [4, ["def", "abc"]],
    [5, ["ad", "be", "cf"]],
    [6, ["da", "eb", "fc"]],
    [7, ["fc", "eb", "da"]],
    [8, ["cf", "be", "ad"]],
  ])("orientation %i", (orientation, seen) => {
    expect(rowsOf(upright(picture("abc", "def"), orientation))).toEqual(seen);
  });
});

describe("shrink", () => {
  test("averages what lies behind a pixel", () => {
    const data = Uint8ClampedArray.from([0, 0, 0, 255, 100, 50, 200, 255]);
    const {
      data: [...one],
    } = shrink({ width: 2, height: 1, data }, { width: 1, height: 1 });
    expect(one).toEqual([50, 25, 100, 255]);
  });

  test("does not let the colour of transparent pixels show", () => {
    const data = Uint8ClampedArray.from([255, 255, 255, 0, 10, 20, 30, 255]);
    const {
      data: [...one],
    } = shrink({ width: 2, height: 1, data }, { width: 1, height: 1 });
    expect(one).toEqual([10, 20, 30, 128]);
  });

  test("leaves one colour one colour, whatever the sizes", () => {
    const side = fc.integer({ min: 1, max: 40 });
    const colour = fc.tuple(
      fc.nat(255),
      fc.nat(255),
      fc.nat(255),
      fc.integer({ min: 1, max: 255 }),
    );
    fc.assert(
      fc.property(side, side, side, side, colour, (width, height, toWidth, toHeight, pixel) => {
        const data = Uint8ClampedArray.from({ length: width * height }, () => 0);
        const source = new Uint8ClampedArray(data.length * 4).map((_, i) => pixel[i % 4] ?? 0);
        const target = { width: Math.min(width, toWidth), height: Math.min(height, toHeight) };
        const small = shrink({ width, height, data: source }, target);
        expect(small).toMatchObject(target);
        expect(small.data).toHaveLength(target.width * target.height * 4);
        for (const [i, value] of small.data.entries()) expect(value).toBe(pixel[i % 4]);
      }),
    );
  });

  test("the same size is the same picture", () => {
    const same = picture("abc", "def");
    expect(rowsOf(shrink(same, same))).toEqual(rowsOf(same));
  });
});
