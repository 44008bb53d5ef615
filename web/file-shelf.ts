import type { FileInfo, ParleyClient } from "../client/index.ts";

/** The URLs of a file live 15 minutes; a little less leaves time to use them. */
const FRESH_MS = 14 * 60_000;

/** What is known about the files of a conversation, each asked for once while its URLs work. */
export class FileShelf {
  readonly #client: ParleyClient;
  readonly #known = new Map<string, { at: number; info: Promise<FileInfo> }>();

  constructor(client: ParleyClient) {
    this.#client = client;
  }

  put(info: FileInfo): void {
    this.#known.set(info.fileId, { at: Date.now(), info: Promise.resolve(info) });
  }

  isFresh(fileId: string): boolean {
    const known = this.#known.get(fileId);
    return known !== undefined && Date.now() - known.at < FRESH_MS;
  }

  /** Throws a `ParleyError`; a failure is not remembered. */
  read(fileId: string): Promise<FileInfo> {
    const known = this.#known.get(fileId);
    if (known !== undefined && this.isFresh(fileId)) return known.info;
    const info = this.#client.files.info(fileId);
    this.#known.set(fileId, { at: Date.now(), info });
    info.catch(() => this.#known.delete(fileId)); // whoever asked sees it
    return info;
  }
}
