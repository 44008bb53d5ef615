import type { ByteRange } from "../../core/files/byte-range.ts";
import type { UploadedPart } from "../../core/files/file-record.ts";

/** Bytes as the store holds them; `etag` names exactly these bytes, without quotes. */
export interface StoredObject {
  size: number;
  etag: string;
}

export interface ObjectBody {
  body: ReadableStream<Uint8Array>;
  /** Of the whole object. */
  size: number;
  etag: string;
}

export interface ListedObject {
  key: string;
  size: number;
  /** Epoch ms. */
  uploadedAt: number;
}

export interface ObjectPage {
  objects: ListedObject[];
  cursor: string | null;
}

/** One upload in parts that has been started. */
export interface Upload {
  key: string;
  uploadId: string;
}

/**
 * How a client brings the parts of a direct upload: straight to the store by URLs that it signs, or through the worker,
 * which signs its own.
 */
export type PartDoor =
  | {
      type: "presigned";
      /** A URL for a PUT of exactly `length` bytes. */
      urlFor(
        upload: Upload,
        part: { part: number; length: number },
        seconds: number,
      ): Promise<string>;
    }
  | {
      type: "carried";
      /** Stores a part from a stream whose length the platform knows; never buffers it. */
      putStream(
        upload: Upload,
        part: number,
        body: ReadableStream<Uint8Array>,
      ): Promise<UploadedPart>;
    };

/** Where the bytes are. Failures of the store throw a `FileStoreError`; what is not there is null. */
export interface FileStore {
  readonly partDoor: PartDoor;
  put(key: string, bytes: Uint8Array, mimeType: string): Promise<StoredObject>;
  head(key: string): Promise<StoredObject | null>;
  /** The object, or a range that lies within it; null also when it is not the one that `etag` names any more. */
  get(key: string, options?: { range?: ByteRange; etag?: string }): Promise<ObjectBody | null>;
  delete(key: string): Promise<void>;
  /** Objects whose keys begin so, in the order of keys. */
  list(prefix: string, cursor?: string): Promise<ObjectPage>;
  /** Begins an object whose bytes come in parts: equally long ones of 5 MiB or more, and a last one. */
  startUpload(key: string, mimeType: string): Promise<Upload>;
  putPart(upload: Upload, part: number, bytes: Uint8Array): Promise<UploadedPart>;
  /** The parts that are there; null when this store does not tell. */
  listParts(upload: Upload): Promise<UploadedPart[] | null>;
  /** Makes the parts an object; null when there is no such upload, as after an earlier end of it. */
  finishUpload(upload: Upload, parts: readonly UploadedPart[]): Promise<StoredObject | null>;
  /** Idempotent. */
  abortUpload(upload: Upload): Promise<void>;
}

/** The store refused or could not be reached. */
export class FileStoreError extends Error {
  override readonly name = "FileStoreError";
  readonly code = "UNAVAILABLE";
  readonly #retryable: boolean;

  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.#retryable = options.retryable;
  }

  shouldRetry(): boolean {
    return this.#retryable;
  }
}

/** Deletes every object whose key begins so. */
export async function deleteAll(store: FileStore, prefix: string): Promise<void> {
  for (;;) {
    const { objects, cursor } = await store.list(prefix);
    for (const { key } of objects) await store.delete(key);
    if (cursor === null) return;
  }
}
