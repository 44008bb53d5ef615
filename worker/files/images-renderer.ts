import { seenSize } from "../../core/files/image-header.ts";
import { fitInside } from "../../core/files/thumbnail-size.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import {
  IMAGES_BOUNDS,
  THUMBNAIL_TYPE,
  UNDECODABLE,
  withinBounds,
  type Picture,
  type Thumbnail,
  type ThumbnailRenderer,
} from "./thumbnail-renderer.ts";

/** Cloudflare Images: takes the largest photographs, and none of the worker's memory or time. */
export class ImagesRenderer implements ThumbnailRenderer {
  readonly #images: ImagesBinding;

  constructor(images: ImagesBinding) {
    this.#images = images;
  }

  async render(picture: Picture, pixels: number): Promise<Result<Thumbnail, Refusal>> {
    const allowed = withinBounds(picture, IMAGES_BOUNDS);
    if (!allowed.ok) return allowed;
    const size = fitInside(seenSize(picture.header), pixels);
    const source = await picture.open();
    try {
      const output = await this.#images
        .input(source)
        .transform({ ...size, fit: "squeeze" })
        .output({ format: THUMBNAIL_TYPE, anim: false });
      const bytes = new Uint8Array(await output.response().arrayBuffer());
      return ok({ ...size, bytes });
    } catch (error) {
      logEvent("thumbnail_failed", { type: picture.header.type, error: errorText(error) });
      return fail(UNDECODABLE);
    }
  }
}
