import { readImageHeader, seenSize, type ImageType } from "../../core/files/image-header.ts";
import { shrink, upright } from "../../core/files/pixels.ts";
import { fitInside, type PixelSize } from "../../core/files/thumbnail-size.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import {
  UNDECODABLE,
  wasmBounds,
  withinBounds,
  type Picture,
  type Thumbnail,
  type ThumbnailRenderer,
} from "./thumbnail-renderer.ts";
import { DECODERS, encodeWebp, type Decoder } from "./wasm-codecs.ts";

/** Decodes, shrinks and encodes inside the worker: for deployments without Cloudflare Images, and for every local one. */
export class WasmRenderer implements ThumbnailRenderer {
  readonly #decoders: Record<ImageType, Decoder>;

  constructor(decoders: Record<ImageType, Decoder> = DECODERS) {
    this.#decoders = decoders;
  }

  async render(picture: Picture, pixels: number): Promise<Result<Thumbnail, Refusal>> {
    const allowed = withinBounds(picture, wasmBounds(picture.header));
    if (!allowed.ok) return allowed;
    const source = await bytesOf(await picture.open(), picture.size);
    // once more, on all bytes: parts of an AVIF that lie behind its first bytes name sizes of their own
    const header = readImageHeader(picture.header.type, source);
    if (header === null) return fail(UNDECODABLE);
    const stillAllowed = withinBounds({ ...picture, header }, wasmBounds(header));
    if (!stillAllowed.ok) return stillAllowed;
    try {
      const { orientation } = header;
      const decoded = await this.#decoders[header.type](source, fitInside(header, pixels));
      // an AVIF is as large as its frames, whatever the file says; a JPEG may have been decoded smaller than it is
      const whole = header.type === "image/jpeg" ? header : { ...header, ...sizeOf(decoded) };
      const seen = fitInside(seenSize(whole), pixels);
      const stored = orientation >= 5 ? { width: seen.height, height: seen.width } : seen;
      const small = upright(shrink(decoded, stored), orientation);
      return ok({ ...seen, bytes: await encodeWebp(small) });
    } catch (error) {
      logEvent("thumbnail_failed", { type: header.type, error: errorText(error) });
      return fail(UNDECODABLE);
    }
  }
}

function sizeOf({ width, height }: PixelSize): PixelSize {
  return { width, height };
}

/** Read into place: what is gathered first and joined then would be in memory twice. */
async function bytesOf(stream: ReadableStream<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const chunk of stream) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
