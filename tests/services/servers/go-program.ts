import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { installOnce } from "./cache.ts";
import { runCommand } from "./command.ts";

export interface GoProgram {
  name: string;
  /** Names the build: another one is built beside it. */
  version: string;
  /** The package to get, with its version. */
  dependency: string;
  /** What to compile: a package of the dependency, or a file of this folder. */
  main: { type: "package"; path: string } | { type: "file"; file: string };
  /** Corrections of the dependency's source. */
  patches: readonly GoPatch[];
}

/** Replaces a text that occurs exactly once in a file of a dependency. */
export interface GoPatch {
  /** The package's path, then the file. */
  file: string;
  find: string;
  replace: string;
}

/** Compiles a Go program once and answers where it is. */
export async function installGoProgram(program: GoProgram): Promise<string> {
  const folder = await installOnce(`${program.name}-${program.version}`, async (target) => {
    const source = await mkdtemp(path.join(tmpdir(), "parley-go-"));
    try {
      await compile(program, source, path.join(target, program.name));
    } finally {
      await rm(source, { recursive: true, force: true });
    }
  });
  return path.join(folder, program.name);
}

async function compile(program: GoProgram, source: string, output: string): Promise<void> {
  const { name, dependency, main, patches } = program;
  const go = (...args: string[]) =>
    runCommand("go", args, { cwd: source, log: `${name}-install-${args[0]}` });
  await go("mod", "init", `parley.test/${name}`);
  if (main.type === "file") await copyFile(main.file, path.join(source, "main.go"));
  await go("get", dependency);
  if (patches.length > 0) {
    // The module cache is not ours to change; a vendored copy is.
    await go("mod", "vendor");
    for (const patch of patches) await applyPatch(path.join(source, "vendor"), patch);
  }
  await go("build", "-o", output, main.type === "package" ? main.path : ".");
}

async function applyPatch(vendor: string, { file, find, replace }: GoPatch): Promise<void> {
  const target = path.join(vendor, file);
  const [before, after, ...more] = (await readFile(target, "utf8")).split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file} does not hold the text to correct exactly once`);
  }
  await writeFile(target, `${before}${replace}${after}`);
}
