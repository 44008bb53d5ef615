import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { CACHE } from "./cache.ts";

const folders = new Set<string>();

/** A fresh folder for one server's data, removed at the latest when this process exits. */
export async function makeDataFolder(name: string): Promise<string> {
  const parent = path.join(CACHE, "data");
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(parent, `${name}-`));
  if (folders.size === 0) process.once("exit", removeAll);
  folders.add(folder);
  return folder;
}

export async function removeDataFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.delete(folder);
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
