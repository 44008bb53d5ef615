/** The codecs' own types need the DOM's; these say what we use of them. */

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "@jsquash/webp/codec/dec/webp_dec.js" {
  const create: (options: object) => Promise<{ decode(source: Uint8Array): unknown }>;
  export default create;
}

declare module "@jsquash/avif/codec/dec/avif_dec.js" {
  const create: (options: object) => Promise<{
    decode(source: Uint8Array, bitDepth: number): unknown;
  }>;
  export default create;
}

declare module "@jsquash/webp/codec/enc/webp_enc.js" {
  const create: (options: object) => Promise<{
    encode(pixels: Uint8ClampedArray, width: number, height: number, options: object): unknown;
  }>;
  export default create;
}

declare module "@jsquash/png/codec/pkg/squoosh_png.js" {
  export function initSync(module: WebAssembly.Module): unknown;
  export function decode(source: Uint8Array): unknown;
}

declare module "@jsquash/webp/meta.js" {
  export const defaultOptions: Record<string, number>;
}

declare module "omggif" {
  export class GifReader {
    constructor(source: Uint8Array);
    readonly width: number;
    readonly height: number;
    numFrames(): number;
    frameInfo(frame: number): { x: number; y: number; width: number; height: number };
    decodeAndBlitFrameRGBA(frame: number, pixels: Uint8ClampedArray): void;
  }
}
