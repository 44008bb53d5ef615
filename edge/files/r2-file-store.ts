import type { ByteRange } from "../../core/files/byte-range.ts";
import type { UploadedPart } from "../../core/files/file-record.ts";
import {
  FileStoreError,
  type FileStore,
  type ObjectBody,
  type ObjectPage,
  type PartDoor,
  type StoredObject,
  type Upload,
} from "./file-store.ts";

/** R2's number for an upload that is unknown, finished or aborted. */
const NO_SUCH_UPLOAD = /\(10024\)/;

/** Files in an R2 bucket of the same account, through the worker's binding. Parts come through the worker. */
export class R2FileStore implements FileStore {
  readonly partDoor: PartDoor;
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
    this.partDoor = {
      type: "carried",
      putStream: (upload, part, body) => this.#putPart(upload, part, body),
    };
  }

  async put(key: string, bytes: Uint8Array, mimeType: string): Promise<StoredObject> {
    const httpMetadata = { contentType: mimeType };
    return storedObject(await guarded("put", () => this.#bucket.put(key, bytes, { httpMetadata })));
  }

  async head(key: string): Promise<StoredObject | null> {
    const object = await guarded("head", () => this.#bucket.head(key));
    return object === null ? null : storedObject(object);
  }

  async get(
    key: string,
    { range, etag }: { range?: ByteRange; etag?: string } = {},
  ): Promise<ObjectBody | null> {
    const options = {
      ...(range === undefined ? {} : { range }),
      ...(etag === undefined ? {} : { onlyIf: { etagMatches: etag } }),
    };
    const object = await guarded("get", () => this.#bucket.get(key, options));
    // an object without a body is one that onlyIf did not want
    if (object === null || !("body" in object)) return null;
    return { body: object.body, size: object.size, etag: object.etag };
  }

  async delete(key: string): Promise<void> {
    await guarded("delete", () => this.#bucket.delete(key));
  }

  async list(prefix: string, cursor?: string): Promise<ObjectPage> {
    const options = { prefix, ...(cursor === undefined ? {} : { cursor }) };
    const page = await guarded("list", () => this.#bucket.list(options));
    return {
      objects: page.objects.map(({ key, size, uploaded }) => ({
        key,
        size,
        uploadedAt: uploaded.getTime(),
      })),
      cursor: page.truncated ? page.cursor : null,
    };
  }

  async startUpload(key: string, mimeType: string): Promise<Upload> {
    const options = { httpMetadata: { contentType: mimeType } };
    const { uploadId } = await guarded("startUpload", () =>
      this.#bucket.createMultipartUpload(key, options),
    );
    return { key, uploadId };
  }

  async putPart(upload: Upload, part: number, bytes: Uint8Array): Promise<UploadedPart> {
    return this.#putPart(upload, part, bytes);
  }

  async listParts(): Promise<null> {
    return null; // the binding has no such call: who carries the parts keeps the list
  }

  async finishUpload(
    { key, uploadId }: Upload,
    parts: readonly UploadedPart[],
  ): Promise<StoredObject | null> {
    const upload = this.#bucket.resumeMultipartUpload(key, uploadId);
    const numbered = parts.map(({ part, etag }) => ({ partNumber: part, etag }));
    const object = await unlessUnknown(() =>
      guarded("finishUpload", () => upload.complete(numbered)),
    );
    return object === null ? null : storedObject(object);
  }

  async abortUpload({ key, uploadId }: Upload): Promise<void> {
    const upload = this.#bucket.resumeMultipartUpload(key, uploadId);
    await unlessUnknown(() => guarded("abortUpload", () => upload.abort()));
  }

  async #putPart(
    { key, uploadId }: Upload,
    part: number,
    body: Uint8Array | ReadableStream<Uint8Array>,
  ): Promise<UploadedPart> {
    const upload = this.#bucket.resumeMultipartUpload(key, uploadId);
    const { etag } = await guarded("putPart", () => upload.uploadPart(part, body));
    return { part, etag };
  }
}

/** Plain data: an R2 object cannot be sent on to a Durable Object. */
function storedObject({ size, etag }: R2Object): StoredObject {
  return { size, etag };
}

async function guarded<T>(call: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new FileStoreError(`R2 ${call} failed`, { retryable: !isUnknownUpload(cause), cause });
  }
}

async function unlessUnknown<T>(act: () => Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof FileStoreError && isUnknownUpload(error.cause)) return null;
    throw error;
  }
}

/** The binding's errors carry their number in the text only. */
function isUnknownUpload(error: unknown): boolean {
  return error instanceof Error && NO_SUCH_UPLOAD.test(error.message);
}
