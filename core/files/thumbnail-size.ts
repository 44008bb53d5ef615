import { LIMITS } from "../../protocol/limits.ts";

export interface PixelSize {
  width: number;
  height: number;
}

const NAMED = { small: 128, medium: 320, large: 800 } as const;

/** Longest side of the thumbnail that is asked for, in pixels; null when it is none. */
export function parseThumbnailSize(text: string): number | null {
  if (Object.hasOwn(NAMED, text)) return NAMED[text as keyof typeof NAMED]; // the line proves it
  if (!/^[1-9][0-9]{0,3}$/.test(text)) return null;
  const pixels = Number(text);
  return pixels <= LIMITS.thumbnailPixels ? pixels : null;
}

/** The size of a picture inside a square of `pixels`: proportions kept, never enlarged, never thinner than a pixel. */
export function fitInside({ width, height }: PixelSize, pixels: number): PixelSize {
  const scale = Math.min(1, pixels / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}
