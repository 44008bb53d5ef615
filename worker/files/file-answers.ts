import type { FileRecord } from "../../core/files/file-record.ts";
import { isImageType } from "../../core/files/image-header.ts";
import { extensionFor, kindOf } from "../../core/files/media-type.ts";
import { fileIdOf } from "../../protocol/file-id.ts";
import type { UserId } from "../../protocol/ids.ts";
import { isoTime } from "../../edge/iso-time.ts";
import type { FileUrls } from "./file-urls.ts";

/** The name a stored file goes by in paths: its id, which needs no escaping, and its type's usual ending. */
export function storedName(file: FileRecord): string {
  return `${fileIdOf(file)}${extensionFor(file.mimeType)}`;
}

/** A file as REST shows it to one reader; its URLs are that reader's and live for `fileUrlSeconds`. */
export async function fileAnswer(file: FileRecord, readerId: UserId, urls: FileUrls) {
  const fileId = fileIdOf(file);
  const { width, height, durationMs, blurhash, caption } = file.details;
  return {
    _id: fileId,
    id: fileId,
    fileId,
    conversationId: file.conversationId,
    originalName: file.name,
    fileName: storedName(file),
    mimeType: file.mimeType,
    kind: kindOf(file.mimeType),
    size: file.size,
    uploadedBy: file.uploaderId,
    uploadedAt: isoTime(file.storedAt ?? file.createdAt),
    url: await urls.read(readerId, file),
    downloadUrl: await urls.read(readerId, file, "/download"),
    thumbnailUrl: isImageType(file.mimeType)
      ? await urls.read(readerId, file, "/thumbnail/medium")
      : null,
    width: width ?? null,
    height: height ?? null,
    durationMs: durationMs ?? null,
    blurhash: blurhash ?? null,
    caption: caption ?? null,
  };
}
