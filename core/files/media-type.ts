import { ByteView } from "./byte-view.ts";

/** As much of a file's start as is looked at to tell its type. */
export const SNIFF_BYTES = 512;

const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;
export const UNKNOWN_TYPE = "application/octet-stream";

const SIGNATURES: readonly [type: string, at: number, bytes: string][] = [
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/png", 0, "\x89PNG\r\n\x1a\n"],
  ["image/gif", 0, "GIF87a"],
  ["image/gif", 0, "GIF89a"],
  ["image/bmp", 0, "BM"],
  ["image/tiff", 0, "II*\0"],
  ["image/tiff", 0, "MM\0*"],
  ["application/pdf", 0, "%PDF-"],
  ["application/zip", 0, "PK\x03\x04"],
  ["application/gzip", 0, "\x1f\x8b\x08"],
  ["application/x-msdownload", 0, "MZ"],
  ["application/x-executable", 0, "\x7fELF"],
  ["audio/mpeg", 0, "ID3"],
  ["audio/flac", 0, "fLaC"],
  ["application/ogg", 0, "OggS"],
  ["video/webm", 0, "\x1aE\xdf\xa3"],
];

/** Brands of ISO media files that are pictures; all others are audio or video. */
const BRANDS: Record<string, string> = {
  avif: "image/avif",
  avis: "image/avif",
  heic: "image/heic",
  heix: "image/heic",
  mif1: "image/heic",
};
const RIFF: Record<string, string> = {
  WEBP: "image/webp",
  WAVE: "audio/wav",
  "AVI ": "video/x-msvideo",
};
/** How text begins that a browser would take for a page or a drawing. */
const MARKUP =
  /^(?:\ufeff|\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|script|iframe|svg|!--|\?xml)/i;

/** What a file's first bytes say it is; null when they say nothing. */
export function sniffType(head: Uint8Array): string | null {
  const view = new ByteView(head.subarray(0, SNIFF_BYTES));
  if (view.text(4, 4) === "ftyp") return BRANDS[view.text(8, 4)] ?? "video/mp4";
  if (view.text(0, 4) === "RIFF") return RIFF[view.text(8, 4)] ?? null;
  const known = SIGNATURES.find(([, at, bytes]) => view.text(at, bytes.length) === bytes);
  if (known !== undefined) return known[0];
  const text = view.text(0, view.length);
  if (!MARKUP.test(text)) return null;
  return /<svg[\s>]/i.test(text) ? "image/svg+xml" : "text/html";
}

/** A declared type as it is stored: lower case, no parameters, `application/octet-stream` for what is none. */
export function cleanType(declared: string | null | undefined): string {
  const type = (declared ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const name = ALIASES[type] ?? type;
  return MEDIA_TYPE.test(name) ? name : UNKNOWN_TYPE;
}

/**
 * The type a file is stored under, by what its sender says and what its bytes say; null when the two contradict each
 * other in a way that could harm a reader. Rule FIL-10.
 */
export function settleType(declared: string, sniffed: string | null): string | null {
  if (declared === UNKNOWN_TYPE) return sniffed ?? declared;
  if (declared === sniffed) return declared;
  if (sniffed === null) return RECOGNISED.has(declared) ? null : declared;
  if (RECOGNISED.has(declared)) return null;
  if (CONTAINERS[sniffed]?.test(declared) === true) return declared;
  // plain text may look like markup and stays plain text: it is shown as such
  return sniffed.startsWith("text/") && declared.startsWith("text/") ? declared : null;
}

const ALIASES: Record<string, string> = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/x-png": "image/png",
  "audio/mp3": "audio/mpeg",
  "audio/x-wav": "audio/wav",
};

/** Types whose files always begin in a way we know: anything else under their name is a lie. */
const RECOGNISED: ReadonlySet<string> = new Set([
  "image/jpeg",
  "image/png",
  "image/gif",
  "image/webp",
  "image/avif",
  "image/heic",
  "application/pdf",
]);

/** What may be inside a file that begins like the key. */
const CONTAINERS: Record<string, RegExp> = {
  "application/zip":
    /^application\/(?:vnd\.|x-zip|epub\+zip|java-archive|x-ms|octet-stream|.*\+zip$)/,
  "application/gzip": /^application\/(?:x-gzip|x-gtar|x-tar|x-compressed)/,
  "application/ogg": /^(?:audio|video)\//,
  "video/mp4": /^(?:audio|video)\//,
  "video/webm": /^(?:audio|video)\/(?:webm|x-matroska)$/,
  "audio/mpeg": /^audio\//,
  "image/svg+xml": /^(?:text\/|application\/xml$)/,
  "text/html": /^application\/(?:xml|xhtml\+xml|javascript|json)$/,
  "application/x-msdownload": /^application\/(?:x-msdos-program|vnd\.microsoft\.|x-dosexec)/,
};

export type FileKind = "image" | "video" | "audio" | "document";

export function kindOf(mimeType: string): FileKind {
  const [family] = mimeType.split("/");
  return family === "image" || family === "video" || family === "audio" ? family : "document";
}

/** Whether a browser may show it in place. A list of the harmless, so that what nobody thought of is saved instead. */
export function isInlineSafe(mimeType: string): boolean {
  return INLINE.test(mimeType);
}

const INLINE =
  /^(?:image\/(?:jpeg|png|webp|gif|avif|bmp)|(?:audio|video)\/[a-z0-9.+-]+|text\/plain)$/;

/** The type a file is served under: nothing that a browser could run goes out under its own name. Rule FIL-11. */
export function servedType(mimeType: string): string {
  if (mimeType === "text/plain") return "text/plain; charset=utf-8";
  return SCRIPTABLE.test(mimeType) ? UNKNOWN_TYPE : mimeType;
}

const SCRIPTABLE = /html|xml|svg|javascript|ecmascript|^multipart\/|^message\/|shockwave|wasm|xsl/;

const EXTENSIONS: Record<string, string> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/avif": "avif",
  "application/pdf": "pdf",
  "text/plain": "txt",
  "audio/mpeg": "mp3",
  "audio/ogg": "ogg",
  "video/mp4": "mp4",
  "video/webm": "webm",
};

/** How a stored file's name ends, dot included; empty for types without a usual ending. */
export function extensionFor(mimeType: string): string {
  const extension = EXTENSIONS[mimeType];
  return extension === undefined ? "" : `.${extension}`;
}
