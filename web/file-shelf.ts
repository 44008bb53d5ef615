import type { FileInfo, ParleyClient } from "../client/index.ts";

/** The URLs of a file live 15 minutes; a little less leaves time to use them. */
const FRESH_MS = 14 * 60_000;

/** What is known about the files of a conversation, each asked for once while its URLs work. */
export class FileShelf {
  readonly #files: Pick<ParleyClient["files"], "info">;
  readonly #now: () => number;
  readonly #known = new Map<string, { at: number; info: Promise<FileInfo> }>();

  constructor(files: Pick<ParleyClient["files"], "info">, now: () => number) {
    this.#files = files;
    this.#now = now;
  }

  put(info: FileInfo): void {
    this.#known.set(info.fileId, { at: this.#now(), info: Promise.resolve(info) });
  }

  isFresh(fileId: string): boolean {
    const known = this.#known.get(fileId);
    return known !== undefined && this.#now() - known.at < FRESH_MS;
  }

  /** Throws a `ParleyError`; a failure is not remembered. */
  read(fileId: string): Promise<FileInfo> {
    const known = this.#known.get(fileId);
    if (known !== undefined && this.isFresh(fileId)) return known.info;
    const info = this.#files.info(fileId);
    this.#known.set(fileId, { at: this.#now(), info });
    info.catch(() => this.#known.delete(fileId)); // whoever asked sees it
    return info;
  }
}
