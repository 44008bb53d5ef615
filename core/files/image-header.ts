import { avifHeader } from "./avif-header.ts";
import { ByteView } from "./byte-view.ts";
import { exifOrientation, type Orientation } from "./exif-orientation.ts";
import type { PixelSize } from "./thumbnail-size.ts";

export const IMAGE_TYPES = [
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/gif",
  "image/avif",
] as const;
export type ImageType = (typeof IMAGE_TYPES)[number];

/** What a picture says of itself before anything is decoded; the size is as stored, before turning. */
export interface ImageHeader extends PixelSize {
  type: ImageType;
  orientation: Orientation;
  /** Of a JPEG that refines all of itself step by step: it cannot be decoded without being held whole. */
  isProgressive?: boolean;
}

/** As much of a file's start as is read to find its header: room for EXIF and a colour profile. */
export const IMAGE_HEADER_BYTES = 262_144;

const READERS = {
  "image/jpeg": jpegHeader,
  "image/png": pngHeader,
  "image/webp": webpHeader,
  "image/gif": gifHeader,
  "image/avif": avifHeader,
} as const satisfies Record<ImageType, (view: ByteView) => Omit<ImageHeader, "type"> | null>;

/** Reads a picture's header from its first bytes, or all of them; null when they hold none. Rule FIL-6. */
export function readImageHeader(type: ImageType, head: Uint8Array): ImageHeader | null {
  const header = READERS[type](new ByteView(head));
  if (header === null || header.width < 1 || header.height < 1) return null;
  return { type, ...header };
}

export function isImageType(type: string): type is ImageType {
  return IMAGE_TYPES.some((known) => known === type);
}

/** The size as it is seen. */
export function seenSize({ width, height, orientation }: ImageHeader): PixelSize {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/** Walks the segments to the frame header. C4, C8 and CC are tables, not frames. */
function jpegHeader(view: ByteView): Omit<ImageHeader, "type"> | null {
  if (view.u16(0) !== 0xffd8) return null;
  let orientation: Orientation = 1;
  for (let at = 2; at + 9 <= view.length;) {
    if (view.u8(at) !== 0xff) return null;
    const marker = view.u8(at + 1);
    if (marker === 0xff) {
      at++; // fill byte
      continue;
    }
    if (marker === 0xe1 && view.text(at + 4, 6) === "Exif\0\0") {
      orientation = exifOrientation(view, at + 10);
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const size = { width: view.u16(at + 7), height: view.u16(at + 5) };
      return { ...size, orientation, isProgressive: !SEQUENTIAL_FRAMES.includes(marker) };
    }
    if (marker === 0xda || marker === 0xd9) return null;
    at += 2 + Math.max(2, view.u16(at + 2));
  }
  return null;
}

/** Baseline and extended sequential. */
const SEQUENTIAL_FRAMES: readonly number[] = [0xc0, 0xc1];

/** IHDR comes first; eXIf, when there, before the pixels. */
function pngHeader(view: ByteView): Omit<ImageHeader, "type"> | null {
  if (view.text(0, 8) !== "\x89PNG\r\n\x1a\n" || view.text(12, 4) !== "IHDR") return null;
  const size = { width: view.u32(16), height: view.u32(20) };
  let at = 8;
  while (at + 8 <= view.length) {
    const chunk = view.text(at + 4, 4);
    if (chunk === "eXIf") return { ...size, orientation: exifOrientation(view, at + 8) };
    if (chunk === "IDAT" || chunk === "IEND") break;
    at += 12 + view.u32(at);
  }
  return { ...size, orientation: 1 };
}

function gifHeader(view: ByteView): Omit<ImageHeader, "type"> | null {
  if (!/^GIF8[79]a$/.test(view.text(0, 6))) return null;
  return { width: view.u16(6, true), height: view.u16(8, true), orientation: 1 };
}

function webpHeader(view: ByteView): Omit<ImageHeader, "type"> | null {
  if (view.text(0, 4) !== "RIFF" || view.text(8, 4) !== "WEBP") return null;
  let size: PixelSize | null = null;
  let orientation: Orientation = 1;
  for (let at = 12; at + 18 <= view.length;) {
    const [chunk, length, body] = [view.text(at, 4), view.u32(at + 4, true), at + 8];
    size = larger(size, webpSize(view, chunk, body));
    if (chunk === "EXIF") orientation = exifOrientation(view, exifStart(view, body));
    at = body + length + (length % 2);
  }
  return size === null ? null : { ...size, orientation };
}

/** The canvas and each frame name a size: the largest is what a decoder may allocate. */
function webpSize(view: ByteView, chunk: string, at: number): PixelSize | null {
  switch (chunk) {
    case "VP8X":
      return { width: view.u24(at + 4, true) + 1, height: view.u24(at + 7, true) + 1 };
    case "VP8 ":
      return { width: view.u16(at + 6, true) & 0x3fff, height: view.u16(at + 8, true) & 0x3fff };
    case "VP8L": {
      const bits = view.u32(at + 1, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    default:
      return null;
  }
}

/** Some writers put JPEG's prefix in front of the TIFF block. */
function exifStart(view: ByteView, at: number): number {
  return view.text(at, 6) === "Exif\0\0" ? at + 6 : at;
}

function larger(one: PixelSize | null, other: PixelSize | null): PixelSize | null {
  if (one === null || other === null) return one ?? other;
  return other.width * other.height > one.width * one.height ? other : one;
}
