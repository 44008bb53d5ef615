import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IMAGE_TYPES, readImageHeader, seenSize, type ImageType } from "./image-header.ts";
import { sniffType } from "./media-type.ts";

const PICTURES = path.resolve(import.meta.dirname, "../../tests/fixtures/pictures");
const SIDE = 50_000;

function picture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(path.join(PICTURES, name)));
}

function typeOf(bytes: Uint8Array): ImageType {
  const type = IMAGE_TYPES.find((known) => known === sniffType(bytes));
  if (type === undefined) throw new Error("not a picture");
  return type;
}

/** Photographs named by the orientation they are stored in; all show the same 240 × 160 pixels. */
const photographs = readdirSync(PICTURES).filter((name) => name.startsWith("photo-"));

describe("readImageHeader", () => {
  test("there are photographs in every format", () => {
    const types = new Set(photographs.map((name) => typeOf(picture(name))));
    expect([...types].toSorted()).toEqual([...IMAGE_TYPES].toSorted());
  });

  test.each(photographs)("%s: size and orientation", (name) => {
    const bytes = picture(name);
    const header = readImageHeader(typeOf(bytes), bytes);
    if (header === null) throw new Error("no header");
    expect(`${header.orientation}`).toBe(/photo-(.)/.exec(name)?.[1]);
    expect(seenSize(header)).toEqual({ width: 240, height: 160 });
  });

  test.each(photographs)("%s, cut anywhere, gives the same header or none", (name) => {
    const bytes = picture(name);
    const type = typeOf(bytes);
    const { width, height } = readImageHeader(type, bytes) ?? {};
    for (let length = 0; length < Math.min(bytes.length, 1_500); length++) {
      const cut = readImageHeader(type, bytes.subarray(0, length));
      if (cut !== null) expect(cut).toMatchObject({ width, height });
    }
  });

  test("no bytes make it throw, whatever format they claim", () => {
    const type = fc.constantFrom(...IMAGE_TYPES);
    const bytes = fc.uint8Array({ maxLength: 300 });
    const name = fc.constantFrom(...photographs);
    const changes = fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 20 });
    fc.assert(fc.property(type, bytes, (t, random) => void readImageHeader(t, random)));
    fc.assert(
      fc.property(name, changes, (n, changed) => {
        const damaged = picture(n);
        for (const [at, value] of changed) damaged[at % damaged.length] = value;
        for (const t of IMAGE_TYPES) readImageHeader(t, damaged);
      }),
      { numRuns: 500 },
    );
  });
});

describe("[FIL-6] a bomb names its size in the header", () => {
  test.each<[string, ImageType, number, number[]]>([
    ["photo-6.png", "image/png", 16, [...u32(SIDE), ...u32(SIDE)]],
    ["photo-1.gif", "image/gif", 6, [0x50, 0xc3, 0x50, 0xc3]],
  ])("%s", (name, type, at, size) => {
    const bytes = picture(name);
    bytes.set(size, at);
    expect(readImageHeader(type, bytes)).toMatchObject({ width: SIDE, height: SIDE });
  });

  test("a JPEG", () => {
    const bytes = picture("photo-1.jpg");
    const frame = bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === 0xc0);
    bytes.set([0xc3, 0x50, 0xc3, 0x50], frame + 5);
    expect(readImageHeader("image/jpeg", bytes)).toMatchObject({ width: SIDE, height: SIDE });
  });

  test("a WebP whose canvas, or whose frame, is the larger one", () => {
    const canvas = picture("photo-6.webp");
    canvas.set([0x4f, 0xc3, 0, 0x4f, 0xc3, 0], 24);
    expect(readImageHeader("image/webp", canvas)).toMatchObject({ width: SIDE, height: SIDE });
    const frame = picture("photo-6.webp");
    frame.set([0xff, 0x3f, 0xff, 0x3f], indexOf(frame, "VP8 ") + 14);
    expect(readImageHeader("image/webp", frame)).toMatchObject({ width: 16_383, height: 16_383 });
  });

  test("an AVIF whose file says so", () => {
    const bytes = picture("photo-6.avif");
    bytes.set([...u32(SIDE), ...u32(SIDE)], indexOf(bytes, "ispe") + 8);
    expect(readImageHeader("image/avif", bytes)).toMatchObject({ width: SIDE, height: SIDE });
  });

  test("an AVIF whose file says little and whose bitstream says much", () => {
    const bytes = picture("photo-6.avif");
    bytes.set([...u32(8), ...u32(8)], indexOf(bytes, "ispe") + 8);
    // the sequence header of the bitstream still names 160 × 240
    expect(readImageHeader("image/avif", bytes)).toMatchObject({ width: 160, height: 240 });
  });
});

function u32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function indexOf(bytes: Uint8Array, text: string): number {
  return Buffer.from(bytes).indexOf(text, 0, "latin1");
}
