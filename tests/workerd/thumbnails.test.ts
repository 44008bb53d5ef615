import { describe, expect, test } from "vitest";
import type { ImageHeader } from "../../core/files/image-header.ts";
import { fitInside } from "../../core/files/thumbnail-size.ts";
import { blurredPreview } from "../../worker/files/blurred-preview.ts";
import { decodeJpeg } from "../../worker/files/jpeg-decoder.ts";
import { decodeWebp } from "../../worker/files/wasm-codecs.ts";
import { WasmRenderer } from "../../worker/files/wasm-renderer.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { valueOf } from "./support/conversations.ts";
import { bombPng, greyJpeg, PHOTOGRAPHS, picture } from "./support/pictures.ts";
import { pictureOf, RENDERERS, withHeader } from "./support/renderers.ts";

/** The four quarters of every photograph as it is seen, each as [red, green, blue]. */
const QUARTERS = [
  [0.25, 0.25, [255, 0, 0]],
  [0.75, 0.25, [0, 160, 0]],
  [0.25, 0.75, [0, 0, 255]],
  [0.75, 0.75, [240, 220, 0]],
] as const;
const SEEN = { width: 240, height: 160 };
/** Lossy formats twice over, and a soft texture in the photographs. */
const TOLERANCE = 70;

describe.each(Object.entries(RENDERERS))("%s", (_name, open) => {
  test.each(PHOTOGRAPHS)(
    "[FIL-5] %s: upright, fitting, in WebP, without a word of its metadata",
    async (name) => {
      for (const pixels of [128, 64, 1_024]) {
        const thumbnail = valueOf(await open().render(pictureOf(picture(name)), pixels));
        const size = fitInside(SEEN, pixels);
        expect(thumbnail).toMatchObject(size);
        const text = new TextDecoder("latin1").decode(thumbnail.bytes);
        expect(text).toMatch(/^RIFF[^]{4}WEBP/);
        expect(text).not.toMatch(/Exif|EXIF|XMP|SecretCamera|ICCP/);
        const decoded = await decodeWebp(thumbnail.bytes);
        expect(decoded).toMatchObject(size);
        for (const [x, y, colour] of QUARTERS) {
          const at = (Math.floor(y * size.height) * size.width + Math.floor(x * size.width)) * 4;
          for (const [channel, wanted] of colour.entries()) {
            const found = decoded.data[at + channel] ?? -1;
            expect(Math.abs(found - wanted), `${name} ${x},${y}: ${channel}`).toBeLessThan(
              TOLERANCE,
            );
          }
        }
      }
    },
  );

  test("what is transparent stays so", async () => {
    const thumbnail = valueOf(await open().render(pictureOf(picture("clear-left.png")), 30));
    const { data, width } = await decodeWebp(thumbnail.bytes);
    const row = 10 * width * 4;
    expect(data[row + 5 * 4 + 3]).toBe(0);
    expect(data[row + 25 * 4 + 3]).toBe(255);
    expect(data[row + 25 * 4]).toBeGreaterThan(240);
  });

  test("[FIL-6] a bomb of 50,000 by 50,000 pixels is refused by its header: nothing is read", async () => {
    const bomb = pictureOf(bombPng());
    expect(bomb.header).toMatchObject({ width: 50_000, height: 50_000 });
    expect(await open().render(bomb, 128)).toMatchObject({
      ok: false,
      error: { code: "TOO_LARGE" },
    });
    expect(bomb.opened).toBe(0);
  });

  test("bytes that are no picture behind a good header are refused", async () => {
    const bytes = picture("photo-6.png").fill(7, 200);
    expect(await open().render(pictureOf(bytes), 128)).toMatchObject({
      ok: false,
      error: { code: "UNSUPPORTED_TYPE" },
    });
  });
});

describe("[FIL-6] a JPEG of more pixels than fit into memory", () => {
  /** A grey one, with the marker of its frame. */
  const huge = (width: number, height: number) => pictureOf(greyJpeg(width, height));

  test("has thumbnails of every size", async () => {
    const renderer = new WasmRenderer();
    for (const [pixels, width, height] of [
      [128, 128, 96],
      [800, 800, 600],
      [1_024, 1_024, 768],
    ] as const) {
      const thumbnail = valueOf(await renderer.render(huge(8_192, 6_144), pixels));
      expect(thumbnail).toMatchObject({ width, height });
      const { data } = await decodeWebp(thumbnail.bytes);
      expect(data.slice(0, 4)).toEqual(new Uint8ClampedArray([128, 128, 128, 255]));
    }
  });

  test.each([
    [1, 256],
    [256, 256],
    [257, 512],
    [1_024, 1_024],
    [1_025, 2_048],
  ])("asked for %i of 2,048 pixels it gives %i", (least, given) => {
    const decoded = decodeJpeg(greyJpeg(2_048, 1_024), { width: least, height: 1 });
    expect(decoded).toMatchObject({ width: given, height: given / 2 });
    expect(decoded.data).toHaveLength(given * (given / 2) * 4);
  });

  test("keeps its proportions, whatever it was decoded at", async () => {
    const thumbnail = valueOf(await new WasmRenderer().render(huge(4_001, 16), 800));
    expect(thumbnail).toMatchObject({ width: 800, height: 3 });
  });

  test("of a printer's inks keeps its colours", () => {
    const { data, width } = decodeJpeg(picture("print.jpg"), SEEN);
    for (const [x, y, colour] of QUARTERS) {
      const at = (Math.floor(y * SEEN.height) * width + Math.floor(x * SEEN.width)) * 4;
      for (const [channel, wanted] of colour.entries()) {
        expect(Math.abs((data[at + channel] ?? -1) - wanted), `${x},${y}`).toBeLessThan(10);
      }
    }
  });

  test("may lack its end, and may have something behind it", async () => {
    const whole = picture("photo-1.jpg");
    for (const bytes of [whole.slice(0, -2), new Uint8Array([...whole, ...whole])]) {
      expect(valueOf(await new WasmRenderer().render(pictureOf(bytes), 64)).width).toBe(64);
    }
  });
});

describe("[FIL-6] what the worker's own memory cannot hold", () => {
  const refuseToDecode = async () => {
    throw new Error("a decoder was asked");
  };
  const undecoding = new WasmRenderer({
    "image/jpeg": refuseToDecode,
    "image/png": refuseToDecode,
    "image/webp": refuseToDecode,
    "image/gif": refuseToDecode,
    "image/avif": refuseToDecode,
  });

  test("a picture over the bound of pixels, or of bytes, is never opened", async () => {
    const bytes = picture("photo-1.jpg");
    const { header } = pictureOf(bytes);
    const progressive = { ...header, isProgressive: true };
    const png = { ...header, type: "image/png" as const };
    const sized = (of: ImageHeader, width: number, height: number) =>
      withHeader({ ...of, width, height }, bytes);
    const heavy = (of: ImageHeader, size: number) => ({ ...withHeader(of, bytes), size });
    for (const each of [
      sized(png, 12_500, 1_001),
      sized(progressive, 12_500, 1_001),
      sized(header, 10_000, 10_001),
      heavy(png, LIMITS.wasmImageBytes + 1),
      heavy(progressive, LIMITS.wasmImageBytes + 1),
      heavy(header, LIMITS.wasmJpegBytes + 1),
    ]) {
      expect(await undecoding.render(each, 128)).toMatchObject({ error: { code: "TOO_LARGE" } });
      expect(each.opened).toBe(0);
    }
  });

  test("a size that shows only in bytes behind the first ones is found before decoding", async () => {
    const large = picture("photo-1.jpg");
    const frame = large.findIndex((byte, at) => byte === 0xff && large[at + 1] === 0xc0);
    large.set([0xc3, 0x50, 0xc3, 0x50], frame + 5);
    const lying = withHeader(pictureOf(picture("photo-1.jpg")).header, large);
    expect(await undecoding.render(lying, 128)).toMatchObject({ error: { code: "TOO_LARGE" } });
  });

  test("a GIF whose frame is larger than its screen is refused", async () => {
    const bytes = picture("photo-1.gif");
    bytes.set([8, 0, 8, 0], 6);
    expect(await new WasmRenderer().render(pictureOf(bytes), 128)).toMatchObject({
      error: { code: "UNSUPPORTED_TYPE" },
    });
  });
});

test("the preview of a thumbnail is a blurhash, and another one for another picture", async () => {
  const renderer = new WasmRenderer();
  const small = valueOf(await renderer.render(pictureOf(picture("photo-1.jpg")), 128));
  const other = valueOf(await renderer.render(pictureOf(picture("clear-left.png")), 128));
  const preview = await blurredPreview(small.bytes);
  expect(preview).toMatch(/^[0-9A-Za-z#$%*+,\-.:;=?@[\]^_{|}~]{28}$/);
  expect(await blurredPreview(other.bytes)).not.toBe(preview);
});
