import type { Orientation } from "./exif-orientation.ts";
import type { PixelSize } from "./thumbnail-size.ts";

/** A decoded picture: four bytes a pixel (red, green, blue, alpha), rows from the top. */
export interface Pixels extends PixelSize {
  data: Uint8ClampedArray;
}

/**
 * Averages the area behind each new pixel, weighed by its opacity so that the colour of what is transparent does not
 * show. Reads the source once and allocates the target only: a picture fills half of what a worker may hold.
 */
export function shrink(source: Pixels, { width, height }: PixelSize): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const top = Math.floor((y * source.height) / height);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * source.height) / height));
    for (let x = 0; x < width; x++) {
      const left = Math.floor((x * source.width) / width);
      const right = Math.max(left + 1, Math.floor(((x + 1) * source.width) / width));
      average(source, { left, right, top, bottom }, data, (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/** Turns and mirrors a picture the way its EXIF orientation says it is to be seen. */
export function upright(source: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return source;
  const { width, height } = source;
  const isTurned = orientation >= 5;
  const from = new Uint32Array(source.data.buffer, source.data.byteOffset, width * height);
  const to = new Uint32Array(width * height);
  const size = isTurned ? { width: height, height: width } : { width, height };
  const [startX, startY] = [FROM_RIGHT.has(orientation), FROM_BOTTOM.has(orientation)];
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const [u, v] = isTurned ? [y, x] : [x, y];
      const sourceX = startX ? width - 1 - u : u;
      const sourceY = startY ? height - 1 - v : v;
      to[y * size.width + x] = from[sourceY * width + sourceX] ?? 0;
    }
  }
  return { ...size, data: new Uint8ClampedArray(to.buffer) };
}

/** Where the first stored column and row lie: the seen picture starts at the stored right, or bottom. */
const FROM_RIGHT: ReadonlySet<Orientation> = new Set([2, 3, 7, 8]);
const FROM_BOTTOM: ReadonlySet<Orientation> = new Set([3, 4, 6, 7]);

interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function average({ data, width }: Pixels, area: Area, target: Uint8ClampedArray, at: number): void {
  let [red, green, blue, alpha] = [0, 0, 0, 0];
  for (let y = area.top; y < area.bottom; y++) {
    const end = (y * width + area.right) * 4;
    for (let i = (y * width + area.left) * 4; i < end; i += 4) {
      const opacity = data[i + 3] ?? 0;
      red += (data[i] ?? 0) * opacity;
      green += (data[i + 1] ?? 0) * opacity;
      blue += (data[i + 2] ?? 0) * opacity;
      alpha += opacity;
    }
  }
  if (alpha === 0) return; // transparent, as the target is already
  target[at] = red / alpha;
  target[at + 1] = green / alpha;
  target[at + 2] = blue / alpha;
  target[at + 3] = alpha / ((area.right - area.left) * (area.bottom - area.top));
}
