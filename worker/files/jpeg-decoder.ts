import jpegDecoder from "imagescript/wasm/any/jpeg.wasm?module";
import type { Pixels } from "../../core/files/pixels.ts";
import type { PixelSize } from "../../core/files/thumbnail-size.ts";
import { UndecodableError } from "./wasm-codec.ts";

/** What the module exports; pointers are into its memory. It imports nothing. */
interface Decoder {
  memory: WebAssembly.Memory;
  walloc(size: number): number;
  /** 0 or 1 for what it cannot decode, else the picture, at least as wide or as high as this where the source is. */
  decode(source: number, length: number, width: number, height: number): number;
  decode_width(picture: number): number;
  decode_height(picture: number): number;
  decode_format(picture: number): number;
  decode_buffer(picture: number): number;
  /** Bytes of what was answered last. */
  wlen(): number;
}

/** Bytes a pixel of each format that `decode_format` answers: grey, red green blue, cyan magenta yellow black. */
const FORMAT_BYTES: readonly number[] = [1, 3, 4];
/** No picture has a side as long. The longer side decides alone: the shorter one, rounded, may be reached before it. */
const UNREACHED = 65_535;
/** A picture without its end marker, as some cameras write it, is whole nevertheless. */
const END_OF_IMAGE = [0xff, 0xd9] as const;

/**
 * Decodes a JPEG at an eighth, a quarter, a half or all of its size: the smallest that is at least `least`. The reduced
 * size comes out of the transform itself, so a photograph of 50 megapixels takes 19 MB and a third of a second. Only a
 * progressive one is held whole meanwhile, at 3.2 bytes a pixel.
 */
export function decodeJpeg(source: Uint8Array, least: PixelSize): Pixels {
  const { exports } = new WebAssembly.Instance(jpegDecoder);
  const decoder = exports as unknown as Decoder; // of this very version of the module
  const length = source.length + END_OF_IMAGE.length;
  const at = decoder.walloc(length);
  const held = new Uint8Array(decoder.memory.buffer, at, length);
  held.set(source);
  held.set(END_OF_IMAGE, source.length);
  const isWide = least.width >= least.height;
  const [atLeastWide, atLeastHigh] = isWide ? [least.width, UNREACHED] : [UNREACHED, least.height];
  const picture = decoder.decode(at, length, atLeastWide, atLeastHigh);
  if (picture <= 1) throw new UndecodableError("the decoder gave no picture");
  const [width, height] = [decoder.decode_width(picture), decoder.decode_height(picture)];
  const format = decoder.decode_format(picture);
  const start = decoder.decode_buffer(picture);
  const bytes = new Uint8Array(decoder.memory.buffer, start, decoder.wlen());
  if (bytes.length !== width * height * (FORMAT_BYTES[format] ?? 0)) {
    throw new UndecodableError("the decoder gave another picture than it said");
  }
  return { width, height, data: rgba(bytes, format) };
}

function rgba(bytes: Uint8Array, format: number): Uint8ClampedArray {
  const step = FORMAT_BYTES[format] ?? 1;
  const data = new Uint8ClampedArray((bytes.length / step) * 4).fill(255);
  for (let from = 0, to = 0; from < bytes.length; from += step, to += 4) {
    const white = format === 2 ? 255 - (bytes[from + 3] ?? 0) : 0;
    for (let channel = 0; channel < 3; channel++) {
      const value = bytes[format === 0 ? from : from + channel] ?? 0;
      data[to + channel] = format === 2 ? ((255 - value) * white) / 255 : value;
    }
  }
  return data;
}
