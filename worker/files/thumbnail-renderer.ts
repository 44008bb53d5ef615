import type { ImageHeader } from "../../core/files/image-header.ts";
import type { PixelSize } from "../../core/files/thumbnail-size.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";

/** A stored picture before anything of it is decoded. */
export interface Picture {
  header: ImageHeader;
  /** Bytes. */
  size: number;
  open(): Promise<ReadableStream<Uint8Array>>;
}

/** A finished thumbnail: WebP, which every browser shows, with transparency, and with no metadata of the source. */
export interface Thumbnail extends PixelSize {
  bytes: Uint8Array;
}

export const THUMBNAIL_TYPE = "image/webp";

/** Makes a picture as large as fits into a square of `pixels`, upright. Refuses what is too large or no picture. */
export interface ThumbnailRenderer {
  render(picture: Picture, pixels: number): Promise<Result<Thumbnail, Refusal>>;
}

/** The most that a renderer takes. */
interface Bounds {
  pixels: number;
  bytes: number;
}

/** Refuses a picture by what its header says, before a byte of it is decoded. Rule FIL-6. */
export function withinBounds({ header, size }: Picture, bounds: Bounds): Result<null, Refusal> {
  const pixels = header.width * header.height;
  if (pixels > bounds.pixels) {
    return fail(refusal("TOO_LARGE", `a picture of ${pixels} pixels has no thumbnail`));
  }
  if (size > bounds.bytes) {
    return fail(refusal("TOO_LARGE", `a picture of ${size} bytes has no thumbnail`));
  }
  return ok(null);
}

export const IMAGES_BOUNDS = { pixels: LIMITS.imagePixels, bytes: LIMITS.imageBytes };
const WHOLE_BOUNDS = { pixels: LIMITS.wasmImagePixels, bytes: LIMITS.wasmImageBytes };
const REDUCED_BOUNDS = { pixels: LIMITS.imagePixels, bytes: LIMITS.wasmJpegBytes };

/** What the worker's own codecs take. A JPEG that is not progressive is decoded smaller, and never held whole. */
export function wasmBounds({ type, isProgressive }: ImageHeader): Bounds {
  return type === "image/jpeg" && isProgressive === false ? REDUCED_BOUNDS : WHOLE_BOUNDS;
}

export const UNDECODABLE = refusal("UNSUPPORTED_TYPE", "the picture cannot be decoded");
