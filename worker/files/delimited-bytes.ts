import { refusal } from "../../protocol/error-codes.ts";
import { RefusedError } from "../refused-error.ts";

const CARRIAGE_RETURN = 13;

/** A stream of bytes that is cut at delimiters. Holds one chunk and the beginning of a delimiter, never more. */
export class DelimitedBytes {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #held: Uint8Array;

  /** `before` is read in front of the stream. */
  constructor(stream: ReadableStream<Uint8Array>, before: Uint8Array) {
    this.#reader = stream.getReader();
    this.#held = before;
  }

  /** Everything up to the delimiter, which has to begin with a carriage return; goes on behind it. */
  async *until(delimiter: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const at = indexOf(this.#held, delimiter);
      if (at >= 0) {
        const found = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + delimiter.length);
        if (found.length > 0) yield found;
        return;
      }
      const certain = Math.max(0, this.#held.length - delimiter.length + 1);
      const passed = this.#held.subarray(0, certain);
      this.#held = this.#held.subarray(certain);
      if (passed.length > 0) yield passed;
      await this.#fill();
    }
  }

  async take(count: number): Promise<Uint8Array> {
    while (this.#held.length < count) await this.#fill();
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  async #fill(): Promise<void> {
    const { value, done } = await this.#reader.read();
    if (done) throw new RefusedError(refusal("INVALID_DATA", "the form ends too early"));
    if (this.#held.length === 0) {
      this.#held = value;
      return;
    }
    const joined = new Uint8Array(this.#held.length + value.length);
    joined.set(this.#held);
    joined.set(value, this.#held.length);
    this.#held = joined;
  }
}

function indexOf(bytes: Uint8Array, delimiter: Uint8Array): number {
  for (let at = 0; ; at++) {
    at = bytes.indexOf(CARRIAGE_RETURN, at);
    if (at < 0 || at + delimiter.length > bytes.length) return -1;
    if (delimiter.every((byte, index) => bytes[at + index] === byte)) return at;
  }
}
