import { AwsClient } from "aws4fetch";
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
import { elements, escapeXml, textOf } from "./s3-xml.ts";

export interface S3Settings {
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Of a call that failed for a reason that may pass; aws4fetch waits between them, longer each time. */
const RETRIES = 3;

/** Files behind any S3 API: R2's own endpoint, MinIO, AWS. Parts go straight there by URLs we sign. */
export class S3FileStore implements FileStore {
  readonly partDoor: PartDoor;
  readonly #client: AwsClient;
  readonly #base: string;

  constructor({ endpoint, bucket, region, accessKeyId, secretAccessKey }: S3Settings) {
    this.#client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      service: "s3",
      region,
      retries: RETRIES,
    });
    this.#base = `${endpoint.replace(/\/+$/, "")}/${encodeURIComponent(bucket)}`;
    this.partDoor = {
      type: "presigned",
      urlFor: (upload, part, seconds) => this.#presign(upload, part, seconds),
    };
  }

  async put(key: string, bytes: Uint8Array, mimeType: string): Promise<StoredObject> {
    const headers = { "content-type": mimeType };
    const answer = await this.#call("put", this.#url(key), { method: "PUT", body: bytes, headers });
    await answer.body?.cancel();
    return { size: bytes.length, etag: etagOf(answer) };
  }

  async head(key: string): Promise<StoredObject | null> {
    const answer = await this.#call("head", this.#url(key), { method: "HEAD" }, [404]);
    if (answer.status === 404) return null;
    return { size: Number(answer.headers.get("content-length")), etag: etagOf(answer) };
  }

  async get(
    key: string,
    { range, etag }: { range?: ByteRange; etag?: string } = {},
  ): Promise<ObjectBody | null> {
    const headers: Record<string, string> = {};
    if (range !== undefined) {
      headers["range"] = `bytes=${range.offset}-${range.offset + range.length - 1}`;
    }
    if (etag !== undefined) headers["if-match"] = `"${etag}"`;
    const answer = await this.#call("get", this.#url(key), { headers }, [404, 412]);
    if (answer.status === 404 || answer.status === 412) {
      await answer.body?.cancel();
      return null;
    }
    return {
      body: answer.body ?? new Blob([]).stream(),
      size: wholeSize(answer),
      etag: etagOf(answer),
    };
  }

  async delete(key: string): Promise<void> {
    const answer = await this.#call("delete", this.#url(key), { method: "DELETE" }, [404]);
    await answer.body?.cancel();
  }

  async list(prefix: string, cursor?: string): Promise<ObjectPage> {
    const query = {
      "list-type": "2",
      prefix,
      ...(cursor === undefined ? {} : { "continuation-token": cursor }),
    };
    const xml = await (await this.#call("list", this.#url("", query))).text();
    return {
      objects: elements(xml, "Contents").map((entry) => ({
        key: textOf(entry, "Key") ?? "",
        size: Number(textOf(entry, "Size")),
        uploadedAt: Date.parse(textOf(entry, "LastModified") ?? ""),
      })),
      cursor: textOf(xml, "IsTruncated") === "true" ? textOf(xml, "NextContinuationToken") : null,
    };
  }

  async startUpload(key: string, mimeType: string): Promise<Upload> {
    const url = this.#url(key, { uploads: "" });
    const headers = { "content-type": mimeType };
    const answer = await this.#call("startUpload", url, { method: "POST", headers });
    const uploadId = textOf(await answer.text(), "UploadId");
    if (uploadId === null) {
      throw new FileStoreError("S3 startUpload named no upload", { retryable: false });
    }
    return { key, uploadId };
  }

  async putPart(upload: Upload, part: number, bytes: Uint8Array): Promise<UploadedPart> {
    const url = this.#partUrl(upload, part);
    const answer = await this.#call("putPart", url, { method: "PUT", body: bytes });
    await answer.body?.cancel();
    return { part, etag: etagOf(answer) };
  }

  async listParts({ key, uploadId }: Upload): Promise<UploadedPart[]> {
    const parts: UploadedPart[] = [];
    for (let marker = "0"; ;) {
      const url = this.#url(key, { uploadId, "part-number-marker": marker });
      const answer = await this.#call("listParts", url, {}, [404]);
      if (answer.status === 404) {
        await answer.body?.cancel();
        return parts;
      }
      const xml = await answer.text();
      for (const entry of elements(xml, "Part")) {
        const etag = unquoted(textOf(entry, "ETag") ?? "");
        parts.push({ part: Number(textOf(entry, "PartNumber")), etag });
      }
      const next = textOf(xml, "NextPartNumberMarker");
      if (textOf(xml, "IsTruncated") !== "true" || next === null) return parts;
      marker = next;
    }
  }

  async finishUpload(
    { key, uploadId }: Upload,
    parts: readonly UploadedPart[],
  ): Promise<StoredObject | null> {
    const named = parts.map(
      ({ part, etag }) =>
        `<Part><PartNumber>${part}</PartNumber><ETag>"${escapeXml(etag)}"</ETag></Part>`,
    );
    const body = `<CompleteMultipartUpload>${named.join("")}</CompleteMultipartUpload>`;
    const url = this.#url(key, { uploadId });
    const answer = await this.#call("finishUpload", url, { method: "POST", body }, [400, 404]);
    const xml = await answer.text();
    const code = elements(xml, "Error").length > 0 ? textOf(xml, "Code") : null;
    if (code === "NoSuchUpload") return null;
    // S3 may answer 200 and then fail: its answer has begun before the work is done
    if (!answer.ok || code !== null) {
      throw new FileStoreError(`S3 finishUpload: ${code ?? answer.status}`, {
        retryable: code === "InternalError",
      });
    }
    return this.head(key);
  }

  async abortUpload({ key, uploadId }: Upload): Promise<void> {
    const url = this.#url(key, { uploadId });
    const answer = await this.#call("abortUpload", url, { method: "DELETE" }, [404]);
    await answer.body?.cancel();
  }

  /** The length is signed too, so that nobody uploads more than was counted. */
  async #presign(
    upload: Upload,
    { part, length }: { part: number; length: number },
    seconds: number,
  ): Promise<string> {
    const url = this.#partUrl(upload, part);
    url.searchParams.set("X-Amz-Expires", `${seconds}`);
    const { url: signed } = await this.#client.sign(url, {
      method: "PUT",
      headers: { "content-length": `${length}` },
      aws: { signQuery: true, allHeaders: true },
    });
    return signed;
  }

  #partUrl({ key, uploadId }: Upload, part: number): URL {
    return this.#url(key, { partNumber: `${part}`, uploadId });
  }

  #url(key: string, query: Record<string, string> = {}): URL {
    const path = key.split("/").map(encodeURIComponent).join("/");
    const url = new URL(`${this.#base}/${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  async #call(
    name: string,
    url: URL,
    init: RequestInit & { headers?: Record<string, string> } = {},
    expected: readonly number[] = [],
  ): Promise<Response> {
    let answer: Response;
    try {
      answer = await this.#client.fetch(url.href, init);
    } catch (cause) {
      throw new FileStoreError(`S3 ${name} got no answer`, { retryable: true, cause });
    }
    if (answer.ok || expected.includes(answer.status)) return answer;
    await answer.body?.cancel();
    const retryable = answer.status >= 500 || answer.status === 429;
    throw new FileStoreError(`S3 ${name} answered ${answer.status}`, { retryable });
  }
}

function etagOf(answer: Response): string {
  return unquoted(answer.headers.get("etag") ?? "");
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', "");
}

/** The whole object's size, whatever part of it an answer carries. */
function wholeSize(answer: Response): number {
  const ranged = /\/([0-9]+)$/.exec(answer.headers.get("content-range") ?? "");
  return Number(ranged?.[1] ?? answer.headers.get("content-length"));
}
