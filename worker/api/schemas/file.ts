import * as v from "valibot";
import { fileIdSchema } from "../../../protocol/id-schemas.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { detailFields } from "../../files/file-fields.ts";
import { conversationIdSchema, queryLimit, queryNumber, timeSchema } from "./ids.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const pixels = v.nullable(count);
const kindSchema = v.picklist(["image", "video", "audio", "document"]);

export const onFile = v.object({ fileId: fileIdSchema });

/** A file as one reader sees it: its URLs are the reader's own, and short-lived. */
export const fileSchema = v.object({
  _id: v.string(),
  id: v.string(),
  fileId: v.string(),
  conversationId: v.string(),
  originalName: v.string(),
  fileName: v.string(),
  mimeType: v.string(),
  kind: kindSchema,
  size: count,
  uploadedBy: v.string(),
  uploadedAt: timeSchema,
  url: v.string(),
  downloadUrl: v.string(),
  thumbnailUrl: v.nullable(v.string()),
  width: pixels,
  height: pixels,
  durationMs: v.nullable(count),
  /** See blurha.sh. */
  blurhash: v.nullable(v.string()),
  caption: v.nullable(v.string()),
});

export const presignBody = v.object({
  conversationId: conversationIdSchema,
  fileName: v.pipe(v.string(), v.minLength(1)),
  mimeType: v.optional(v.string()),
  size: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LIMITS.fileBytes)),
  ...detailFields,
});

/** What is still to be uploaded: each part by a PUT of exactly its bytes to its URL. */
export const uploadSchema = v.object({
  fileId: v.string(),
  state: v.picklist(["pending", "stored"]),
  size: count,
  partBytes: count,
  /** Until when the URLs work; GET …/upload gives fresh ones. */
  expiresAt: timeSchema,
  uploadedParts: v.array(count),
  parts: v.array(
    v.object({
      partNumber: count,
      method: v.literal("PUT"),
      url: v.string(),
      offset: count,
      size: count,
    }),
  ),
  /** Of an upload in one part, while it is missing. */
  url: v.nullable(v.string()),
});

export const filesQuery = v.object({
  cursor: v.optional(queryNumber(1, Number.MAX_SAFE_INTEGER)),
  limit: v.optional(queryLimit(LIMITS.filesMax), `${LIMITS.filesDefault}`),
  kind: v.optional(kindSchema),
});

export const filesSchema = v.object({
  files: v.array(fileSchema),
  nextCursor: v.nullable(v.string()),
});

export const deletedFileSchema = v.object({
  fileId: v.string(),
  conversationId: v.string(),
  status: v.literal("DELETED"),
  deletedAt: timeSchema,
});

export const sweepQuery = v.object({
  cursor: v.optional(v.pipe(v.string(), v.maxLength(4_096))),
  dryRun: v.optional(v.picklist(["true", "false"]), "false"),
});

export const sweepSchema = v.object({
  scanned: count,
  orphans: v.array(v.object({ key: v.string(), size: count, uploadedAt: count })),
  orphanBytes: count,
  deleted: v.boolean(),
  foreign: v.array(v.string()),
  cursor: v.nullable(v.string()),
});
