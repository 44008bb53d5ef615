import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { REPO } from "../services/servers/cache.ts";

const run = promisify(execFile);

/** The fuzzer and its version, which decides what a seed means. */
const FUZZER = "schemathesis==4.32.5";
const FOLDER = path.join(REPO, ".cache/fuzz-venv");
const INSTALL_TIMEOUT_MS = 300_000;

export type Fuzzer = { state: "ready"; command: string } | { state: "absent"; reason: string };

/** Schemathesis in an environment of its own; kept, so that only the first run needs a network. */
export async function prepareFuzzer(): Promise<Fuzzer> {
  const command = path.join(FOLDER, "bin/schemathesis");
  if (await isInstalled(command)) return { state: "ready", command };
  try {
    await makeEnvironment();
    await run(path.join(FOLDER, "bin/pip"), ["install", "--quiet", FUZZER], {
      timeout: INSTALL_TIMEOUT_MS,
    });
    return { state: "ready", command };
  } catch (error) {
    const [reason = "unknown"] = (error instanceof Error ? error.message : String(error))
      .trim()
      .split("\n")
      .slice(-1);
    return { state: "absent", reason };
  }
}

async function isInstalled(command: string): Promise<boolean> {
  try {
    const { stdout } = await run(command, ["--version"]);
    return stdout.trim().endsWith(` ${FUZZER.split("==")[1]}`);
  } catch {
    return false;
  }
}

/** Debian keeps `venv` in a package of its own; a machine of CI may be given it. */
async function makeEnvironment(): Promise<void> {
  const make = () => run("python3", ["-m", "venv", "--clear", FOLDER]);
  try {
    await make();
  } catch (error) {
    if (process.env["CI"] === undefined || process.getuid?.() !== 0) throw error;
    await run("apt-get", ["install", "--yes", "--quiet", "python3-venv"], {
      timeout: INSTALL_TIMEOUT_MS,
    });
    await make();
  }
}
