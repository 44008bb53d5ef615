import * as v from "valibot";

const pixels = v.nullish(v.number(), null);

/** A file as this user sees it. Its URLs work without a token, live 15 minutes and end with the membership. Rule FIL-7. */
export const fileInfoSchema = v.pipe(
  v.object({
    fileId: v.string(),
    conversationId: v.string(),
    originalName: v.string(),
    mimeType: v.string(),
    kind: v.picklist(["image", "video", "audio", "document"]),
    size: v.number(),
    uploadedBy: v.string(),
    url: v.string(),
    downloadUrl: v.string(),
    thumbnailUrl: v.nullish(v.string(), null),
    width: pixels,
    height: pixels,
  }),
  v.transform(({ originalName, ...file }) => ({ ...file, name: originalName })),
);
export type FileInfo = v.InferOutput<typeof fileInfoSchema>;

/** What is missing of an upload: each part by a PUT of exactly its bytes to its URL. */
export const uploadPlanSchema = v.object({
  fileId: v.string(),
  state: v.picklist(["pending", "stored"]),
  parts: v.array(
    v.object({ partNumber: v.number(), url: v.string(), offset: v.number(), size: v.number() }),
  ),
});
export type UploadPlan = v.InferOutput<typeof uploadPlanSchema>;

/** A picture within a square of 128, 320 or 800 pixels; null for what is no picture. Rule FIL-5. */
export function thumbnailUrl(file: FileInfo, size: "small" | "medium" | "large"): string | null {
  if (file.thumbnailUrl === null) return null;
  const url = new URL(file.thumbnailUrl);
  // a signature is good for a file in all its sizes
  url.pathname = url.pathname.replace(/[^/]*$/, size);
  return url.href;
}
