import { readImageHeader, seenSize, type ImageType } from "../../core/files/image-header.ts";
import { shrink, upright } from "../../core/files/pixels.ts";
import { fitInside } from "../../core/files/thumbnail-size.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { errorText, logEvent } from "../../durable-objects/log.ts";
import {
  UNDECODABLE,
  WASM_BOUNDS,
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
    const allowed = withinBounds(picture, WASM_BOUNDS);
    if (!allowed.ok) return allowed;
    const source = await bytesOf(await picture.open());
    // once more, on all bytes: parts of an AVIF that lie behind its first bytes name sizes of their own
    const header = readImageHeader(picture.header.type, source);
    if (header === null) return fail(UNDECODABLE);
    const stillAllowed = withinBounds({ ...picture, header }, WASM_BOUNDS);
    if (!stillAllowed.ok) return stillAllowed;
    try {
      const decoded = await this.#decoders[header.type](source);
      const { orientation } = header;
      const seen = fitInside(seenSize({ ...header, ...decoded, orientation }), pixels);
      const stored = orientation >= 5 ? { width: seen.height, height: seen.width } : seen;
      const small = upright(shrink(decoded, stored), orientation);
      return ok({ ...seen, bytes: await encodeWebp(small) });
    } catch (error) {
      logEvent("thumbnail_failed", { type: header.type, error: errorText(error) });
      return fail(UNDECODABLE);
    }
  }
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
