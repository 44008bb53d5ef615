import * as v from "valibot";
import { LIMITS } from "../protocol/limits.ts";
import { CancelledError, QuotaFullError, RefusedError, refused } from "./errors.ts";
import {
  fileInfoSchema,
  uploadPlanSchema,
  type FileInfo,
  type UploadPlan,
} from "./file-answers.ts";
import { answerTo, type Carry } from "./http.ts";
import type { SignedInRequests } from "./signed-in-requests.ts";

/** Caps one file. Rule FIL-1. */
export const FILE_BYTES = LIMITS.fileBytes;

/** Larger files go in parts: a form is `LIMITS.formBytes` with what stands around the file. */
const FORM_FILE_BYTES = LIMITS.formBytes - 1_048_576;

/** URLs of parts this old are asked for anew: one has to outlast the upload of its part. */
const RENEW_AFTER_MS = (LIMITS.uploadUrlSeconds * 1_000) / 2;

/** What uploads need of the world. */
export interface FilePorts {
  baseUrl: string;
  carry: Carry;
  now(): number;
  randomId(): string;
}

export interface UploadOptions {
  /** Under the same key a repeat goes on with the upload, or answers its file; drawn when absent. */
  key?: string;
  /** Ends it; it fails with `CANCELLED`. */
  signal?: AbortSignal;
  /** Bytes of the file that have left, as far as the way there can tell. */
  progress?: (bytes: number) => void;
}

type Upload = Required<UploadOptions> & { conversationId: string; file: File };

/** Files of conversations. Every method throws a `ParleyError`. */
export class FileClient {
  readonly #requests: SignedInRequests;
  readonly #ports: FilePorts;

  constructor(requests: SignedInRequests, ports: FilePorts) {
    this.#requests = requests;
    this.#ports = ports;
  }

  /**
   * Stores a file in a conversation; a message shows it by its id among `attachments`. A failed upload can be tried again
   * under its key: of a large file only what is missing goes again. `TOO_LARGE`: the file itself; `QUOTA_FULL`: all of this
   * user's together.
   */
  async upload(
    conversationId: string,
    file: File,
    { key, signal, progress = () => undefined }: UploadOptions = {},
  ): Promise<FileInfo> {
    if (file.size > FILE_BYTES) {
      const message = `a file is at most ${FILE_BYTES} bytes`;
      throw new RefusedError(refused({ code: "TOO_LARGE", message }));
    }
    const upload = {
      conversationId,
      file,
      key: key ?? this.#ports.randomId(),
      signal: signal ?? new AbortController().signal,
      progress,
    };
    try {
      upload.signal.throwIfAborted();
      const isSmall = file.size <= FORM_FILE_BYTES;
      return await (isSmall ? this.#asForm(upload) : this.#inParts(upload));
    } catch (error) {
      if (upload.signal.aborted) throw new CancelledError(error);
      // the file's own size was looked at above
      const isFull = error instanceof RefusedError && error.code === "TOO_LARGE";
      throw isFull ? new QuotaFullError(error) : error;
    }
  }

  /** What is known about a file, with fresh URLs. */
  info(fileId: string): Promise<FileInfo> {
    return this.#requests.ask({ method: "GET", path: `${ofFile(fileId)}/info` }, fileInfoSchema);
  }

  /** Takes a file away for everyone. */
  async remove(fileId: string): Promise<void> {
    await this.#requests.ask({ method: "DELETE", path: ofFile(fileId) }, v.unknown());
  }

  #asForm({ conversationId, file, key, signal, progress }: Upload): Promise<FileInfo> {
    const url = new URL("/files/upload", this.#ports.baseUrl);
    // before the form, so that whoever may not upload here learns it before the bytes have gone
    url.searchParams.set("conversationId", conversationId);
    // what stands around the file in the form counts as sent too
    const sent = (bytes: number) => progress(Math.min(bytes, file.size));
    return this.#requests.withToken(async (token) => {
      const body = new FormData();
      body.set("file", file, file.name);
      const headers = { authorization: `Bearer ${token}`, "idempotency-key": key };
      const init = { method: "POST", headers, body, signal };
      return (await answerTo(this.#carrying(sent), url.href, init, fileInfoSchema)).data;
    });
  }

  async #inParts(upload: Upload): Promise<FileInfo> {
    const { conversationId, file, key, signal } = upload;
    const { name: fileName, type: mimeType, size } = file;
    const body = { conversationId, fileName, mimeType, size };
    const begin = { method: "POST", path: "/files/presign", body, key } as const;
    const plan = await this.#requests.ask(begin, uploadPlanSchema);
    try {
      await this.#carryParts(upload, plan);
      signal.throwIfAborted();
      const path = `${ofFile(plan.fileId)}/complete`;
      return await this.#requests.ask({ method: "POST", path }, fileInfoSchema);
    } catch (error) {
      // else its bytes would count for a day; should the server not hear of it now, they do
      if (signal.aborted) await this.remove(plan.fileId).catch(() => undefined);
      throw error;
    }
  }

  async #carryParts({ file, signal, progress }: Upload, begun: UploadPlan): Promise<void> {
    let [plan, plannedAt] = [begun, this.#ports.now()];
    let gone = begun.state === "stored" ? file.size : file.size - bytesOf(begun.parts);
    progress(gone);
    for (const { partNumber, offset, size } of begun.parts) {
      signal.throwIfAborted();
      if (this.#ports.now() - plannedAt > RENEW_AFTER_MS) {
        [plan, plannedAt] = [await this.#missing(begun.fileId), this.#ports.now()];
      }
      const part = plan.parts.find((one) => one.partNumber === partNumber);
      if (part !== undefined) {
        const before = gone;
        const sent = (bytes: number) => progress(before + Math.min(bytes, size));
        const init = { method: "PUT", body: file.slice(offset, offset + size), signal };
        await answerTo(this.#carrying(sent), part.url, init, v.unknown());
      }
      gone += size;
      progress(gone);
    }
  }

  #missing(fileId: string): Promise<UploadPlan> {
    const path = `${ofFile(fileId)}/upload`;
    return this.#requests.ask({ method: "GET", path }, uploadPlanSchema);
  }

  #carrying(sent: (bytes: number) => void) {
    return (url: string, init: RequestInit) => this.#ports.carry(url, init, sent);
  }
}

function ofFile(fileId: string): string {
  return `/files/${encodeURIComponent(fileId)}`;
}

function bytesOf(parts: UploadPlan["parts"]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}
