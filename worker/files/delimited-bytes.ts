import { refusal } from "../../protocol/error-codes.ts";
import { RefusedError } from "../../edge/refused-error.ts";

const CARRIAGE_RETURN = 13;
/** Bytes in hand at a time. */
const BUFFER_BYTES = 262_144;

/**
 * A stream of bytes that is cut at delimiters. It reads into one buffer, again and again, so that a large body leaves no
 * garbage behind; what it yields holds only until the next step.
 */
export class DelimitedBytes {
  readonly #reader: ReadableStreamBYOBReader;
  #buffer = new ArrayBuffer(BUFFER_BYTES);
  /** What was read and not given out yet: from `#start` to `#end` of the buffer. */
  #start = 0;
  #end: number;

  /** `before`, a few bytes, is read in front of the stream. */
  constructor(stream: ReadableStream<Uint8Array>, before: Uint8Array) {
    this.#reader = stream.getReader({ mode: "byob" });
    new Uint8Array(this.#buffer).set(before);
    this.#end = before.length;
  }

  /** Everything up to the delimiter, which has to begin with a carriage return; goes on behind it. */
  async *until(delimiter: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const held = this.#held;
      const at = indexOf(held, delimiter);
      const certain = at >= 0 ? at : Math.max(0, held.length - delimiter.length + 1);
      this.#start += at >= 0 ? at + delimiter.length : certain;
      if (certain > 0) yield held.subarray(0, certain);
      if (at >= 0) return;
      await this.#fill();
    }
  }

  async take(count: number): Promise<Uint8Array> {
    while (this.#held.length < count) await this.#fill();
    const taken = this.#held.slice(0, count);
    this.#start += count;
    return taken;
  }

  get #held(): Uint8Array {
    return new Uint8Array(this.#buffer, this.#start, this.#end - this.#start);
  }

  async #fill(): Promise<void> {
    const kept = this.#held.length;
    new Uint8Array(this.#buffer).copyWithin(0, this.#start, this.#end);
    // the read takes the buffer away and gives it back, with what was kept in front
    const { value, done } = await this.#reader.read(new Uint8Array(this.#buffer, kept));
    if (done || value === undefined) {
      const problem = "the form ends too early";
      throw new RefusedError(refusal("INVALID_DATA", problem, [{ field: "", problem }]));
    }
    this.#buffer = value.buffer;
    this.#start = 0;
    this.#end = kept + value.length;
  }
}

function indexOf(bytes: Uint8Array, delimiter: Uint8Array): number {
  for (let at = 0; ; at++) {
    at = bytes.indexOf(CARRIAGE_RETURN, at);
    if (at < 0 || at + delimiter.length > bytes.length) return -1;
    if (delimiter.every((byte, index) => bytes[at + index] === byte)) return at;
  }
}
