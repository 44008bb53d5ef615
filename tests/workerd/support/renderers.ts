import { env } from "cloudflare:workers";
import {
  isImageType,
  readImageHeader,
  type ImageHeader,
} from "../../../core/files/image-header.ts";
import { sniffType } from "../../../core/files/media-type.ts";
import { ImagesRenderer } from "../../../worker/files/images-renderer.ts";
import type { Picture, ThumbnailRenderer } from "../../../worker/files/thumbnail-renderer.ts";
import { WasmRenderer } from "../../../worker/files/wasm-renderer.ts";

/** What makes thumbnails, by its name in the tests. */
export const RENDERERS: Record<string, () => ThumbnailRenderer> = {
  "the worker's own codecs": () => new WasmRenderer(),
  "Cloudflare Images": () => {
    if (env.IMAGES === undefined) throw new Error("Images is not bound");
    return new ImagesRenderer(env.IMAGES);
  },
};

/** A picture as an upload of these bytes gives it, which counts how often it is read. */
export function pictureOf(bytes: Uint8Array): Picture & { opened: number } {
  const type = sniffType(bytes);
  if (type === null || !isImageType(type)) throw new Error("not a picture");
  const header = readImageHeader(type, bytes);
  if (header === null) throw new Error("no header");
  return withHeader(header, bytes);
}

/** The same with a header that the bytes may not keep. */
export function withHeader(header: ImageHeader, bytes: Uint8Array): Picture & { opened: number } {
  return {
    header,
    size: bytes.length,
    opened: 0,
    async open() {
      this.opened++;
      return new Blob([bytes]).stream();
    },
  };
}
