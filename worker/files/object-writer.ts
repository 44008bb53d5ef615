import { refusal } from "../../protocol/error-codes.ts";
import type { UploadedPart } from "../../core/files/file-record.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import {
  FileStoreError,
  type FileStore,
  type StoredObject,
  type Upload,
} from "../../edge/files/file-store.ts";

/** What is held of a stream at a time; the 5 MiB that stores want of a part at least, far below a worker's memory. */
const PART_BYTES = 5_242_880;

/** A stream at its end: in memory as long as it was short, else an object already. */
export type Written =
  | { type: "short"; bytes: Uint8Array }
  | { type: "object"; object: StoredObject };

/**
 * Writes a stream of unknown length: no store takes one, so it is gathered into parts. One part is in memory at a time,
 * and a stream shorter than that never becomes an upload in parts.
 */
export class ObjectWriter {
  readonly #store: FileStore;
  readonly #target: { key: string; mimeType: string };
  readonly #most: number;
  readonly #parts: UploadedPart[] = [];
  #buffer: Uint8Array | null = null;
  #filled = 0;
  #size = 0;
  #upload: Upload | null = null;

  /** Over `most` bytes the stream is refused with TOO_LARGE. */
  constructor(store: FileStore, target: { key: string; mimeType: string }, most: number) {
    this.#store = store;
    this.#target = target;
    this.#most = most;
  }

  /** Reads the stream to its end. Whatever fails leaves nothing behind in the store. */
  async writeAll(stream: AsyncIterable<Uint8Array>): Promise<Written> {
    try {
      for await (const chunk of stream) await this.#write(chunk);
      return await this.#finish();
    } catch (error) {
      if (this.#upload !== null) await this.#store.abortUpload(this.#upload);
      throw error;
    }
  }

  async #write(chunk: Uint8Array): Promise<void> {
    this.#size += chunk.length;
    if (this.#size > this.#most) {
      throw new RefusedError(refusal("TOO_LARGE", `a file is at most ${this.#most} bytes here`));
    }
    for (let at = 0; at < chunk.length;) {
      this.#buffer ??= new Uint8Array(PART_BYTES);
      const taken = chunk.subarray(at, at + PART_BYTES - this.#filled);
      this.#buffer.set(taken, this.#filled);
      this.#filled += taken.length;
      at += taken.length;
      if (this.#filled === PART_BYTES) await this.#flush();
    }
  }

  async #flush(): Promise<void> {
    const bytes = this.#taken();
    const { key, mimeType } = this.#target;
    this.#upload ??= await this.#store.startUpload(key, mimeType);
    this.#parts.push(await this.#store.putPart(this.#upload, this.#parts.length + 1, bytes));
    this.#filled = 0;
  }

  async #finish(): Promise<Written> {
    if (this.#upload === null) return { type: "short", bytes: this.#taken() };
    if (this.#filled > 0) await this.#flush();
    const object = await this.#store.finishUpload(this.#upload, this.#parts);
    if (object === null) {
      throw new FileStoreError("the store forgot an upload", { retryable: true });
    }
    return { type: "object", object };
  }

  #taken(): Uint8Array {
    return this.#buffer?.subarray(0, this.#filled) ?? new Uint8Array();
  }
}
