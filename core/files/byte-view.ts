/** Reads numbers and tags of a file's first bytes. Whatever lies beyond them reads as 0, so parsers need no bounds of their own. */
export class ByteView {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  u8(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  u16(at: number, littleEndian = false): number {
    const [first, second] = [this.u8(at), this.u8(at + 1)];
    return littleEndian ? second * 0x100 + first : first * 0x100 + second;
  }

  u24(at: number, littleEndian = false): number {
    return littleEndian
      ? this.u8(at + 2) * 0x1_0000 + this.u16(at, true)
      : this.u8(at) * 0x1_0000 + this.u16(at + 1);
  }

  u32(at: number, littleEndian = false): number {
    return littleEndian
      ? this.u16(at + 2, true) * 0x1_0000 + this.u16(at, true)
      : this.u16(at) * 0x1_0000 + this.u16(at + 2);
  }

  /** `length` bytes as Latin-1. */
  text(at: number, length: number): string {
    return String.fromCharCode(...this.#bytes.subarray(at, at + length));
  }
}
