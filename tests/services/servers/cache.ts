import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import path from "node:path";

export const REPO = path.resolve(import.meta.dirname, "../../..");

/** Ignored by git; everything in it can be deleted at any time. */
export const CACHE = path.join(REPO, ".cache/services");

/**
 * The folder that `install` fills, made once for all later runs. It is filled under another name and then renamed, so an
 * interrupted install leaves nothing that looks whole, and of two runs at once the later one keeps the earlier's.
 */
export async function installOnce(
  name: string,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const target = path.join(CACHE, name);
  if (await exists(target)) return target;
  await mkdir(CACHE, { recursive: true });
  const partial = await mkdtemp(`${target}.partial-`);
  try {
    await install(partial);
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(target))) throw error;
  }
  return target;
}

export async function logFile(name: string): Promise<string> {
  const logs = path.join(CACHE, "logs");
  await mkdir(logs, { recursive: true });
  return path.join(logs, `${name}.log`);
}

export async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
