import { constants } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

const NEWLINE = 0x0a;
const TAIL_BYTES = 65_536;

/** A file of JSON lines that only grows. What `append` resolved survives a crash, and a torn last line never shows. */
export class JsonLinesFile {
  readonly #file: FileHandle;
  /** End of the last line that is known to be on disk. */
  #end: number;

  private constructor(file: FileHandle, end: number) {
    this.#file = file;
    this.#end = end;
  }

  /** Opens or makes the file, and cuts what a crash left half written behind the last newline. */
  static async open(path: string): Promise<JsonLinesFile> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const end = await endOfLastLine(file);
    await file.truncate(end);
    return new JsonLinesFile(file, end);
  }

  /** Resolves once the lines are on disk. After a failure the next append writes over what this one left. */
  async append(lines: readonly string[]): Promise<void> {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
    let written = 0;
    while (written < bytes.length) {
      const step = await this.#file.write(
        bytes,
        written,
        bytes.length - written,
        this.#end + written,
      );
      written += step.bytesWritten;
    }
    await this.#file.datasync();
    this.#end += bytes.length;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function endOfLastLine(file: FileHandle): Promise<number> {
  const tail = Buffer.alloc(TAIL_BYTES);
  let to = (await file.stat()).size;
  while (to > 0) {
    const from = Math.max(0, to - TAIL_BYTES);
    const { bytesRead } = await file.read(tail, 0, to - from, from);
    const newline = tail.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (newline >= 0) return from + newline + 1;
    to = from;
  }
  return 0;
}
