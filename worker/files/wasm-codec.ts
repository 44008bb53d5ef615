import * as v from "valibot";
import type { Pixels } from "../../core/files/pixels.ts";

/** What Emscripten makes of a codec: a function that gives a fresh instance with its own memory. */
type CodecFactory<Codec> = (options: object) => Promise<Codec>;

/**
 * A fresh instance, to be dropped after one picture: WebAssembly memory never shrinks, and what several codecs keep of
 * their largest pictures would not fit into one worker.
 */
export async function openCodec<Codec>(
  create: CodecFactory<Codec>,
  module: WebAssembly.Module,
): Promise<Codec> {
  return create({
    noInitialRun: true,
    instantiateWasm(
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance) => void,
    ) {
      const instance = new WebAssembly.Instance(module, imports);
      receive(instance);
      return instance.exports;
    },
  });
}

const pixelsSchema = v.object({
  data: v.instance(Uint8ClampedArray),
  width: v.pipe(v.number(), v.minValue(1)),
  height: v.pipe(v.number(), v.minValue(1)),
});

/** What a decoder gave, or an Error when it could not make sense of its source. */
export function decodedPixels(answer: unknown): Pixels {
  const parsed = v.safeParse(pixelsSchema, answer);
  if (!parsed.success) throw new UndecodableError("the decoder gave no picture");
  return parsed.output;
}

/** The bytes are not the picture that their header promised. */
export class UndecodableError extends Error {
  override readonly name = "UndecodableError";
  readonly code = "UNSUPPORTED_TYPE";
}
