import { create } from "content-disposition";
import { contentRange, parseRange } from "../../core/files/byte-range.ts";
import { originalKey, type FileRecord } from "../../core/files/file-record.ts";
import { isInlineSafe, servedType } from "../../core/files/media-type.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import type { FileStore } from "../../edge/files/file-store.ts";
import { THUMBNAIL_TYPE } from "./thumbnail-renderer.ts";

/** Even where a browser shows a file as a page of its own, it runs nothing and reaches nothing. */
const SAFE_HEADERS = {
  "x-content-type-options": "nosniff",
  "content-security-policy":
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
  // kept, but asked for again at every use: membership ends, and files are deleted
  "cache-control": "private, no-cache",
  "referrer-policy": "no-referrer",
};

/** A file's bytes, or the range asked for, streamed from the store. */
export async function serveFile(
  request: Request,
  store: FileStore,
  file: FileRecord,
  wanted: "inline" | "attachment",
): Promise<Response> {
  const etag = `"${file.etag}"`;
  const type = wanted === "inline" && isInlineSafe(file.mimeType) ? "inline" : "attachment";
  const headers = new Headers({
    ...SAFE_HEADERS,
    etag,
    "accept-ranges": "bytes",
    "content-type": servedType(file.mimeType),
    "content-disposition": create(file.name, { type }),
  });
  if (isUnchanged(request, etag)) return new Response(null, { status: 304, headers });
  const outcome = parseRange(rangeOf(request, etag), file.size);
  if (outcome.type === "unsatisfiable") {
    headers.set("content-range", `bytes */${file.size}`);
    return new Response(null, { status: 416, headers });
  }
  const range = outcome.type === "part" ? outcome.range : { offset: 0, length: file.size };
  if (outcome.type === "part") headers.set("content-range", contentRange(range, file.size));
  headers.set("content-length", `${range.length}`);
  const status = outcome.type === "part" ? 206 : 200;
  if (request.method === "HEAD" || range.length === 0) {
    return new Response(null, { status, headers });
  }
  const pinned = file.etag === null ? {} : { etag: file.etag };
  const found = await store.get(
    originalKey(file),
    outcome.type === "part" ? { ...pinned, range } : pinned,
  );
  if (found === null) throw new RefusedError(refusal("NOT_FOUND", "no such file"));
  return new Response(found.body, { status, headers });
}

export function serveThumbnail(
  request: Request,
  file: FileRecord,
  { pixels, bytes }: { pixels: number; bytes: Uint8Array },
): Response {
  const etag = `"${file.etag}-${pixels}"`;
  const headers = new Headers({ ...SAFE_HEADERS, etag, "content-type": THUMBNAIL_TYPE });
  if (isUnchanged(request, etag)) return new Response(null, { status: 304, headers });
  return new Response(bytes, { headers });
}

function isUnchanged(request: Request, etag: string): boolean {
  const known = request.headers.get("if-none-match");
  if (known === null) return false;
  return known.split(",").some((one) => ["*", etag, `W/${etag}`].includes(one.trim()));
}

/** A range of other bytes than these is no use: the client gets the whole file. */
function rangeOf(request: Request, etag: string): string | null {
  const condition = request.headers.get("if-range");
  return condition === null || condition === etag ? request.headers.get("range") : null;
}
