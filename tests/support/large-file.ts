import { createHash } from "node:crypto";

/** Two gigabytes: more than a worker could hold many times over. */
export const LARGE_BYTES = 2_147_483_648;

const BLOCK_BYTES = 1_048_576;

/** A file that is never held whole: every part can be made again, and no two blocks of it are equal. */
export class LargeFile {
  readonly size = LARGE_BYTES;
  readonly #block = Buffer.alloc(BLOCK_BYTES);

  constructor() {
    for (let at = 0; at < BLOCK_BYTES; at += 4)
      this.#block.writeUInt32LE((at * 2_654_435_761) % 2 ** 32, at);
  }

  part(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at += BLOCK_BYTES) {
      this.#block.copy(bytes, at);
      bytes.writeDoubleLE(offset + at, at); // the block's place in the file
    }
    return bytes;
  }

  sha256(): string {
    const hash = createHash("sha256");
    for (let at = 0; at < this.size; at += BLOCK_BYTES) hash.update(this.part(at, BLOCK_BYTES));
    return hash.digest("hex");
  }
}

/** The digest of a stream, and the most of `measure` while it was read. */
export async function drainMeasured(
  stream: AsyncIterable<Uint8Array>,
  measure: () => Promise<number>,
): Promise<{ sha256: string; size: number; most: number }> {
  const hash = createHash("sha256");
  let [size, most, nextLook] = [0, 0, 0];
  for await (const chunk of stream) {
    hash.update(chunk);
    size += chunk.length;
    if (size < nextLook) continue;
    nextLook = size + 64 * BLOCK_BYTES;
    most = Math.max(most, await measure());
  }
  return { sha256: hash.digest("hex"), size, most };
}
