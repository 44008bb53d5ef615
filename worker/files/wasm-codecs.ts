import "./codec-globals.ts";
import createAvifDecoder from "@jsquash/avif/codec/dec/avif_dec.js";
import avifDecoder from "@jsquash/avif/codec/dec/avif_dec.wasm?module";
import { decode as decodePng, initSync as initPng } from "@jsquash/png/codec/pkg/squoosh_png.js";
import pngCodec from "@jsquash/png/codec/pkg/squoosh_png_bg.wasm?module";
import createWebpDecoder from "@jsquash/webp/codec/dec/webp_dec.js";
import webpDecoder from "@jsquash/webp/codec/dec/webp_dec.wasm?module";
import createWebpEncoder from "@jsquash/webp/codec/enc/webp_enc.js";
import webpEncoder from "@jsquash/webp/codec/enc/webp_enc.wasm?module";
import { defaultOptions } from "@jsquash/webp/meta.js";
import { GifReader } from "omggif";
import type { ImageType } from "../../core/files/image-header.ts";
import type { Pixels } from "../../core/files/pixels.ts";
import type { PixelSize } from "../../core/files/thumbnail-size.ts";
import { decodeJpeg } from "./jpeg-decoder.ts";
import { decodedPixels, openCodec, UndecodableError } from "./wasm-codec.ts";

/**
 * Turns a picture's bytes into pixels as they are stored, fewer of them where that is cheaper and still at least
 * `least`. Throws on what is none.
 */
export type Decoder = (source: Uint8Array, least: PixelSize) => Promise<Pixels>;

const EIGHT_BITS = 8;

export const DECODERS = {
  "image/jpeg": async (source, least) => decodeJpeg(source, least),
  "image/png": async (source) => {
    initPng(pngCodec); // its glue keeps one instance, and this call does nothing once it is there
    return decodedPixels(decodePng(source));
  },
  "image/webp": decodeWebp,
  "image/gif": async (source) => decodeGif(source),
  "image/avif": async (source) => {
    const codec = await openCodec(createAvifDecoder, avifDecoder);
    return decodedPixels(codec.decode(source, EIGHT_BITS));
  },
} as const satisfies Record<ImageType, Decoder>;

export async function decodeWebp(source: Uint8Array): Promise<Pixels> {
  const codec = await openCodec(createWebpDecoder, webpDecoder);
  return decodedPixels(codec.decode(source));
}

export async function encodeWebp({ data, width, height }: Pixels): Promise<Uint8Array> {
  const codec = await openCodec(createWebpEncoder, webpEncoder);
  const bytes = codec.encode(data, width, height, defaultOptions);
  if (!(bytes instanceof Uint8Array)) throw new Error("the encoder gave no bytes");
  return bytes;
}

/** The first frame. It may be smaller than the screen, and must not be larger: its own size is what gets allocated. */
function decodeGif(source: Uint8Array): Pixels {
  const reader = new GifReader(source);
  const { width, height } = reader;
  const frame = reader.frameInfo(0);
  if (frame.x + frame.width > width || frame.y + frame.height > height) {
    throw new UndecodableError("a frame is larger than its screen");
  }
  const data = new Uint8ClampedArray(width * height * 4);
  reader.decodeAndBlitFrameRGBA(0, data);
  return { width, height, data };
}
