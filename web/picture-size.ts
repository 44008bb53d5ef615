import * as v from "valibot";

export interface Size {
  width: number;
  height: number;
}

const pixels = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const sizeSchema = v.object({ width: pixels, height: pixels });

/** The longest side of a picture among messages. */
const MOST_PIXELS = 320;
/** Of what is narrower than a finger. */
const LEAST_PIXELS = 48;
/** Room for a picture whose sender has not said how large it is. */
const UNKNOWN: Size = { width: 320, height: 240 };

/** What the sender says of a picture's size, so that its place is there before it is. */
export function saidSize(metadata: Record<string, unknown> | undefined): Size | undefined {
  const parsed = v.safeParse(sizeSchema, metadata);
  return parsed.success ? parsed.output : undefined;
}

/** The room a picture takes among messages, never more than it has pixels. */
export function roomFor(size: Size | undefined): Size {
  if (size === undefined) return UNKNOWN;
  const scale = Math.min(1, MOST_PIXELS / Math.max(size.width, size.height));
  const side = (length: number) => Math.max(LEAST_PIXELS, Math.round(length * scale));
  return { width: side(size.width), height: side(size.height) };
}
