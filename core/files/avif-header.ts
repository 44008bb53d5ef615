import { av1FrameSize } from "./av1-frame-size.ts";
import type { ByteView } from "./byte-view.ts";
import type { Orientation } from "./exif-orientation.ts";
import type { PixelSize } from "./thumbnail-size.ts";

interface Box {
  type: string;
  /** Where its content starts and ends. */
  start: number;
  end: number;
}

/** Items of a file whose bitstream is looked at: a picture, its tiles, its alpha plane. */
const MOST_ITEMS = 256;

/**
 * An AVIF's size and orientation (ISO 23008-12). The file names a size for the picture and each of its parts, and the
 * bitstream names one again: the largest counts, since that is what a decoder would allocate. EXIF is not looked at;
 * in this format `irot` and `imir` say how the picture is seen.
 */
export function avifHeader(view: ByteView): (PixelSize & { orientation: Orientation }) | null {
  const boxes = boxesIn(view, 0, view.length);
  if (boxes[0]?.type !== "ftyp") return null;
  const meta = boxes.find(({ type }) => type === "meta");
  if (meta === undefined || meta.end > view.length) return null;
  const inMeta = boxesIn(view, meta.start + 4, meta.end);
  const properties = childrenOf(view, childrenOf(view, inMeta, "iprp"), "ipco");
  const named = properties
    .filter(({ type }) => type === "ispe")
    .map(({ start }) => ({ width: view.u32(start + 4), height: view.u32(start + 8) }));
  const coded = itemStarts(view, inMeta).map((at) => av1FrameSize(view, at));
  const [first, ...others] = [...named, ...coded.filter((size) => size !== null)];
  if (first === undefined || named.length === 0) return null;
  return { ...others.reduce(largerOf, first), orientation: orientationOf(view, properties) };
}

function boxesIn(view: ByteView, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= to;) {
    const length = view.u32(at);
    const isLong = length === 1;
    const size = isLong ? view.u32(at + 8) * 0x1_0000_0000 + view.u32(at + 12) : length;
    const end = size === 0 ? to : at + size;
    const start = at + (isLong ? 16 : 8);
    if (end < start) break;
    boxes.push({ type: view.text(at + 4, 4), start, end });
    at = end;
  }
  return boxes;
}

function childrenOf(view: ByteView, boxes: readonly Box[], type: string): Box[] {
  const parent = boxes.find((box) => box.type === type);
  return parent === undefined ? [] : boxesIn(view, parent.start, parent.end);
}

/** Where the items' bytes start in the file, by `iloc`. */
function itemStarts(view: ByteView, boxes: readonly Box[]): number[] {
  const iloc = boxes.find(({ type }) => type === "iloc");
  if (iloc === undefined) return [];
  const version = view.u8(iloc.start);
  const sizes = view.u16(iloc.start + 4);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version === 0 ? 0 : sizes & 15;
  const wideIds = version === 2;
  let at = iloc.start + (wideIds ? 10 : 8);
  const items = wideIds ? view.u32(iloc.start + 6) : view.u16(iloc.start + 6);
  const starts: number[] = [];
  for (let item = 0; item < Math.min(items, MOST_ITEMS) && at < iloc.end; item++) {
    at += (wideIds ? 4 : 2) + (version === 0 ? 0 : 2) + 2;
    const base = sized(view, at, baseSize);
    const extents = view.u16(at + baseSize);
    at += baseSize + 2;
    if (extents > 0) starts.push(base + sized(view, at + indexSize, offsetSize));
    at += extents * (indexSize + offsetSize + lengthSize);
  }
  return starts;
}

function sized(view: ByteView, at: number, size: number): number {
  if (size === 4) return view.u32(at);
  return size === 8 ? view.u32(at) * 0x1_0000_0000 + view.u32(at + 4) : 0;
}

/** Turned by quarters against the clock, then mirrored: what libavif writes for each EXIF orientation. */
const ORIENTATIONS: Record<string, Orientation> = {
  "0-": 1,
  "0left-right": 2,
  "2-": 3,
  "0top-bottom": 4,
  "1top-bottom": 5,
  "3-": 6,
  "3top-bottom": 7,
  "1-": 8,
  "1left-right": 7,
  "2top-bottom": 2,
  "2left-right": 4,
  "3left-right": 5,
};

function orientationOf(view: ByteView, properties: readonly Box[]): Orientation {
  const turn = properties.find(({ type }) => type === "irot");
  const mirror = properties.find(({ type }) => type === "imir");
  const quarters = turn === undefined ? 0 : view.u8(turn.start) & 3;
  if (mirror === undefined) return ORIENTATIONS[`${quarters}-`] ?? 1;
  const axis = (view.u8(mirror.start) & 1) === 1 ? "left-right" : "top-bottom";
  return ORIENTATIONS[`${quarters}${axis}`] ?? 1;
}

function largerOf(one: PixelSize, other: PixelSize): PixelSize {
  return other.width * other.height > one.width * one.height ? other : one;
}
