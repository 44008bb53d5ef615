import { exists } from "./cache.ts";
import { runCommand } from "./command.ts";
import type { FoundProgram } from "./service.ts";
import { findCommand } from "./tied-child.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Finds Chromium; with `install`, and where that is possible, installs it first if there is none. */
export async function findChromium(options: { install: boolean }): Promise<FoundProgram> {
  const found = await locate();
  if (found === null && options.install) await installPackage();
  const file = found ?? (await locate());
  if (file === null)
    throw new Error("no Chromium: set CHROMIUM_PATH or install the package chromium");
  const version = await runCommand(file, ["--version"], { log: `chromium-version-${process.pid}` });
  return {
    state: "found",
    version: version.trim().split("\n").at(-1)?.trim() ?? "",
    address: file,
    env: { CHROMIUM_PATH: file },
  };
}

async function locate(): Promise<string | null> {
  const asked = process.env["CHROMIUM_PATH"];
  if (asked !== undefined && asked !== "") {
    if (await exists(asked)) return asked;
    throw new Error(`CHROMIUM_PATH names no file: ${asked}`);
  }
  return NAMES.map(findCommand).find((file) => file !== null) ?? null;
}

/** Debian's package, with a font: without one, pages have no text to see. */
async function installPackage(): Promise<void> {
  if (findCommand("apt-get") === null || process.getuid?.() !== 0) return;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  await runCommand("apt-get", ["update", ...wait], { env, log: "chromium-update" });
  const packages = ["chromium", "fonts-liberation"];
  await runCommand(
    "apt-get",
    ["install", "--yes", "--no-install-recommends", ...wait, ...packages],
    {
      env,
      log: "chromium-install",
    },
  );
}
