import { originalKey, thumbnailKey, type FileRecord } from "../../core/files/file-record.ts";
import {
  IMAGE_HEADER_BYTES,
  isImageType,
  readImageHeader,
  type ImageHeader,
} from "../../core/files/image-header.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { FileDesk } from "./file-desk.ts";
import { THUMBNAIL_TYPE, UNDECODABLE, type Picture } from "./thumbnail-renderer.ts";

/** A stored picture's thumbnail: made when it is first asked for, and kept beside the picture. */
export async function thumbnailOf(
  desk: FileDesk,
  file: FileRecord,
  pixels: number,
): Promise<Result<{ bytes: Uint8Array }, Refusal>> {
  if (!isImageType(file.mimeType)) {
    return fail(refusal("UNSUPPORTED_TYPE", `a ${file.mimeType} has no thumbnail`));
  }
  const key = thumbnailKey(file, pixels);
  const kept = await desk.store.get(key);
  if (kept !== null) return ok({ bytes: await bytesOf(kept.body) });
  const picture = await pictureOf(desk, file);
  if (picture === null) return fail(UNDECODABLE);
  const thumbnail = await desk.renderer.render(picture, pixels);
  if (thumbnail.ok) await desk.store.put(key, thumbnail.value.bytes, THUMBNAIL_TYPE);
  return thumbnail;
}

/** Null when the bytes hold no header. Only they are read here: what is too large is refused by it. */
async function pictureOf({ store }: FileDesk, file: FileRecord): Promise<Picture | null> {
  const { etag, size } = file;
  if (!isImageType(file.mimeType) || etag === null || size === 0) return null;
  const key = originalKey(file);
  const range = { offset: 0, length: Math.min(size, IMAGE_HEADER_BYTES) };
  const head = await store.get(key, { range, etag });
  if (head === null) return null;
  const header: ImageHeader | null = readImageHeader(file.mimeType, await bytesOf(head.body));
  if (header === null) return null;
  return {
    header,
    size,
    async open() {
      const whole = await store.get(key, { etag });
      if (whole === null) throw new Error("a picture vanished while its thumbnail was made");
      return whole.body;
    },
  };
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
