import { copyFile } from "node:fs/promises";
import path from "node:path";
import type { Plugin } from "esbuild";

/** WebAssembly of a bundle: copied beside it and left to the runtime, which compiles it, as wrangler does. */
export class WasmModules {
  /** Names by which the bundle imports them, and of the files in `folder`. */
  readonly names = new Set<string>();
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get plugin(): Plugin {
    return {
      name: "wasm-modules",
      setup: (build) => {
        build.onResolve({ filter: /\.wasm\?module$/ }, async ({ path: spec, kind, resolveDir }) => {
          const found = await build.resolve(spec.replace(/\?module$/, ""), { kind, resolveDir });
          const name = path.basename(found.path);
          await copyFile(found.path, path.join(this.#folder, name));
          this.names.add(name);
          return { path: name, external: true };
        });
      },
    };
  }
}
