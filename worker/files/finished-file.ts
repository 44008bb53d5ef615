import type { FileDetails, FileRecord } from "../../core/files/file-record.ts";
import {
  IMAGE_HEADER_BYTES,
  isImageType,
  readImageHeader,
  seenSize,
} from "../../core/files/image-header.ts";
import { settleType, sniffType } from "../../core/files/media-type.ts";
import { parseThumbnailSize } from "../../core/files/thumbnail-size.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { fileIdOf } from "../../protocol/file-id.ts";
import type { UserId } from "../../protocol/ids.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import { blurredPreview } from "./blurred-preview.ts";
import { askConversation, reserve } from "./file-calls.ts";
import type { FileDesk } from "./file-desk.ts";
import type { StoredObject } from "../../edge/files/file-store.ts";
import { thumbnailOf } from "./thumbnails.ts";

/** What a file's first bytes say; refused when they contradict what its sender said. */
interface Inspected {
  mimeType: string;
  details: FileDetails;
}

export function inspect(
  draft: { mimeType: string; details: FileDetails },
  head: Uint8Array,
): Inspected {
  const mimeType = settleType(draft.mimeType, sniffType(head));
  if (mimeType === null) {
    throw new RefusedError(refusal("UNSUPPORTED_TYPE", `this is no ${draft.mimeType}`));
  }
  const header = isImageType(mimeType) ? readImageHeader(mimeType, head) : null;
  const details = header === null ? draft.details : { ...draft.details, ...seenSize(header) };
  return { mimeType, details };
}

/** As much of an object as `inspect` looks at. */
export async function headOf(
  { store }: FileDesk,
  key: string,
  object: StoredObject,
): Promise<Uint8Array> {
  if (object.size === 0) return new Uint8Array();
  const range = { offset: 0, length: Math.min(object.size, IMAGE_HEADER_BYTES) };
  const found = await store.get(key, { range, etag: object.etag });
  if (found === null) throw new RefusedError(refusal("CONFLICT", "the upload changed meanwhile"));
  return new Uint8Array(await new Response(found.body).arrayBuffer());
}

/** Makes an upload a file that members can read; a picture gets its small thumbnail and its preview on the way. */
export async function finishFile(
  desk: FileDesk,
  userId: UserId,
  file: FileRecord,
  object: StoredObject,
  { mimeType, details }: Inspected,
): Promise<FileRecord> {
  await reserve(desk.env, userId, file, object.size, desk.settings.quotaBytes);
  const stored = { ...file, mimeType, size: object.size, etag: object.etag };
  const blurhash = isImageType(mimeType) ? await previewOf(desk, stored) : null;
  const content = {
    mimeType,
    ...object,
    details: blurhash === null ? details : { ...details, blurhash },
  };
  return askConversation(desk.env, file, (stub) => stub.finishFile(userId, file.n, content));
}

/** An upload does not fail for a picture that cannot be shrunk: it is stored, and has no preview. */
async function previewOf(desk: FileDesk, file: FileRecord): Promise<string | null> {
  const pixels = parseThumbnailSize("small");
  if (pixels === null) return null;
  try {
    const thumbnail = await thumbnailOf(desk, file, pixels);
    return thumbnail.ok ? await blurredPreview(thumbnail.value.bytes) : null;
  } catch (error) {
    logEvent("preview_failed", { fileId: fileIdOf(file), error: errorText(error) });
    return null;
  }
}
