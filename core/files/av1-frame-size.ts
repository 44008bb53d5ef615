import type { ByteView } from "./byte-view.ts";
import type { PixelSize } from "./thumbnail-size.ts";

const SEQUENCE_HEADER = 1;
/** Units before the sequence header: a temporal delimiter, perhaps padding. */
const MOST_UNITS = 8;

/**
 * The largest frame of an AV1 bitstream at `start`, by its sequence header (AV1 specification, section 5.5.1); null
 * when none is found there.
 */
export function av1FrameSize(view: ByteView, start: number): PixelSize | null {
  let at = start;
  for (let unit = 0; unit < MOST_UNITS && at < view.length; unit++) {
    const header = view.u8(at);
    if ((header & 0x80) !== 0) return null; // the forbidden bit: no AV1
    const hasExtension = (header & 4) !== 0;
    const hasSize = (header & 2) !== 0;
    const afterHeader = at + (hasExtension ? 2 : 1);
    const { value: size, length } = hasSize ? leb128(view, afterHeader) : { value: 0, length: 0 };
    const body = afterHeader + length;
    if (((header >> 3) & 15) === SEQUENCE_HEADER) return sequenceSize(new BitReader(view, body));
    if (!hasSize) return null;
    at = body + size;
  }
  return null;
}

function sequenceSize(bits: BitReader): PixelSize {
  bits.skip(3 + 1); // profile, still picture
  const isReduced = bits.read(1) === 1;
  if (isReduced) bits.skip(5);
  else skipOperatingPoints(bits);
  const widthBits = bits.read(4) + 1;
  const heightBits = bits.read(4) + 1;
  return { width: bits.read(widthBits) + 1, height: bits.read(heightBits) + 1 };
}

function skipOperatingPoints(bits: BitReader): void {
  let delayBits = 0;
  let hasDecoderModel = false;
  if (bits.read(1) === 1) {
    bits.skip(32 + 32); // ticks and their scale
    if (bits.read(1) === 1) bits.skipUvlc(); // ticks per picture
    hasDecoderModel = bits.read(1) === 1;
    if (hasDecoderModel) {
      delayBits = bits.read(5) + 1;
      bits.skip(32 + 5 + 5);
    }
  }
  const hasInitialDelay = bits.read(1) === 1;
  const points = bits.read(5) + 1;
  for (let point = 0; point < points; point++) {
    bits.skip(12);
    if (bits.read(5) > 7) bits.skip(1); // tier
    if (hasDecoderModel && bits.read(1) === 1) bits.skip(2 * delayBits + 1);
    if (hasInitialDelay && bits.read(1) === 1) bits.skip(4);
  }
}

function leb128(view: ByteView, at: number): { value: number; length: number } {
  let value = 0;
  for (let length = 1; length <= 8; length++) {
    const byte = view.u8(at + length - 1);
    value += (byte & 0x7f) * 2 ** (7 * (length - 1));
    if ((byte & 0x80) === 0) return { value, length };
  }
  return { value, length: 8 };
}

class BitReader {
  readonly #view: ByteView;
  #bit: number;

  constructor(view: ByteView, start: number) {
    this.#view = view;
    this.#bit = start * 8;
  }

  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#bit++) {
      value = value * 2 + ((this.#view.u8(this.#bit >> 3) >> (7 - (this.#bit & 7))) & 1);
    }
    return value;
  }

  skip(count: number): void {
    this.#bit += count;
  }

  /** A number in Exp-Golomb form; bytes beyond the view read as 0, so the zeros are bounded. */
  skipUvlc(): void {
    let zeros = 0;
    while (zeros < 32 && this.read(1) === 0) zeros++;
    if (zeros < 32) this.skip(zeros);
  }
}
