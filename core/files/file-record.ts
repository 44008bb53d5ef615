import type { FileAddress } from "../../protocol/file-id.ts";

/**
 * A file's life: `pending` while its bytes arrive, `stored` once they are checked, `deleted` when nobody may read it any
 * more, `purged` when the bytes are gone. The record stays, so that its number is never given out again. Rule FIL-9.
 */
export type FileState = "pending" | "stored" | "deleted" | "purged";

/** What is known about a file's content besides its bytes. */
export interface FileDetails {
  /** Pixels, as seen. */
  width?: number;
  height?: number;
  /** Of voice and video, when the client gave it. */
  durationMs?: number;
  /** A blurred preview in some 28 characters (blurha.sh). */
  blurhash?: string;
  caption?: string;
}

/** What an uploader says before any byte has come. */
export interface FileDraft {
  name: string;
  mimeType: string;
  /** Bytes; of an upload through the worker the most there can be. */
  size: number;
  details: FileDetails;
}

/** A file as its conversation keeps it. */
export interface FileRecord extends FileDraft, FileAddress {
  state: FileState;
  uploaderId: string;
  /** What the store calls these very bytes; null until they are there. */
  etag: string | null;
  /** Epoch ms; the first of an upload, the second of its end. */
  createdAt: number;
  storedAt: number | null;
}

/** What the store answered and the bytes said, at the end of an upload. */
export interface StoredContent {
  mimeType: string;
  size: number;
  etag: string;
  details: FileDetails;
}

/** A part of an upload as the store has it. */
export interface UploadedPart {
  /** From 1. */
  part: number;
  etag: string;
}

/** Longest conversation id whose files have keys: 1,024 bytes are what S3 and R2 take. */
const KEY_ID_CHARS = 900;
/** File systems behind S3 servers take no longer names. */
const SEGMENT_CHARS = 200;
const KEY = /^f\/(.+)\/([1-9][0-9]{0,14})\/(original|thumb-[0-9]+)$/;

export const FILES_PREFIX = "f/";
/** Uploads that came before anybody said which conversation they are for. */
export const STAGING_PREFIX = "staging/";

export function canHoldFiles({ conversationId }: Pick<FileAddress, "conversationId">): boolean {
  return conversationId.length <= KEY_ID_CHARS;
}

/** Under which all objects of a file lie. A key names its file, so that a sweep can ask for it. */
export function filePrefix({ conversationId, n }: FileAddress): string {
  const segments: string[] = [];
  for (let at = 0; at < conversationId.length; at += SEGMENT_CHARS) {
    segments.push(conversationId.slice(at, at + SEGMENT_CHARS));
  }
  return `${FILES_PREFIX}${segments.join("/")}/${n}/`;
}

export function originalKey(file: FileAddress): string {
  return `${filePrefix(file)}original`;
}

export function thumbnailKey(file: FileAddress, pixels: number): string {
  return `${filePrefix(file)}thumb-${pixels}`;
}

/** The file an object belongs to; null for a key we did not make. */
export function addressOfKey(key: string): { conversationId: string; n: number } | null {
  const match = KEY.exec(key);
  const [, id, n] = match ?? [];
  if (id === undefined || n === undefined) return null;
  return { conversationId: id.replaceAll("/", ""), n: Number(n) };
}

/** When a file's bytes may go, epoch ms; null while nothing is planned. */
export function purgeAt(
  file: { state: FileState; createdAt: number },
  references: number,
  times: { now: number; graceMs: number; uploadMs: number },
): number | null {
  switch (file.state) {
    case "pending":
      return file.createdAt + times.uploadMs;
    case "deleted":
      return references === 0 ? times.now + times.graceMs : null;
    case "stored":
    case "purged":
      return null;
  }
}
