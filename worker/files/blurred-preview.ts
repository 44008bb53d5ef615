import { encode } from "blurhash";
import { shrink } from "../../core/files/pixels.ts";
import { fitInside } from "../../core/files/thumbnail-size.ts";
import { decodeWebp } from "./wasm-codecs.ts";

/** Waves across and down: 28 characters, enough to tell sky from sea. */
const COMPONENTS = { x: 4, y: 3 };
/** The hash carries no more detail than this many pixels show. */
const SAMPLE_PIXELS = 32;

/** What a client shows until the thumbnail is there (blurha.sh). */
export async function blurredPreview(thumbnail: Uint8Array): Promise<string> {
  const pixels = await decodeWebp(thumbnail);
  const { data, width, height } = shrink(pixels, fitInside(pixels, SAMPLE_PIXELS));
  return encode(data, width, height, COMPONENTS.x, COMPONENTS.y);
}
