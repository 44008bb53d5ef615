import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { realpath, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeDataFolder, removeDataFolder } from "./data-folder.ts";
import { orAbsent } from "./service.ts";
import { requireCommand, spawnTied } from "./tied-child.ts";

/** Root may mount; where it may not, or for others, a user namespace allows it to everybody who lives in it. */
const NAMESPACES = [
  { made: ["--mount"], entered: ["--mount"] },
  {
    made: ["--mount", "--user", "--map-root-user"],
    entered: ["--mount", "--user", "--preserve-credentials"],
  },
] as const;
type Namespace = (typeof NAMESPACES)[number];

const MOUNTED = "mounted";
/** Lives as long as its input is open, so never longer than this process. */
const KEEPER = `mount -t tmpfs -o size="$1" tmpfs "$2" && echo ${MOUNTED} && exec cat`;

/**
 * A real file system of a few megabytes, to be filled to its last byte. It lies in a mount namespace: only what is started
 * inside sees it, and it is gone with the last process that is, so no test can leave it behind.
 */
export class SmallDisk {
  /** Where it is, for a process inside. */
  readonly folder: string;
  readonly #bytes: number;
  readonly #namespace: Namespace;
  readonly #keeper: ChildProcess;

  private constructor(folder: string, bytes: number, namespace: Namespace, keeper: ChildProcess) {
    this.folder = folder;
    this.#bytes = bytes;
    this.#namespace = namespace;
    this.#keeper = keeper;
  }

  /** Throws with the reason where this machine does not allow it. */
  static async mount(bytes: number): Promise<SmallDisk> {
    for (const name of ["mount", "nsenter"]) requireCommand(name);
    const unshare = requireCommand("unshare");
    // without symbolic links: an absolute one would lead back out, on the way through the keeper's root
    const folder = await realpath(await makeDataFolder("small-disk"));
    const refusals: string[] = [];
    for (const namespace of NAMESPACES) {
      const keep = ["sh", "-c", KEEPER, "keeper", `${bytes}`, folder];
      const keeper = spawnTied(unshare, [...namespace.made, ...keep], { stdio: "pipe" });
      const said = await firstWords(keeper);
      if (said === MOUNTED) return new SmallDisk(folder, bytes, namespace, keeper);
      refusals.push(said);
    }
    await removeDataFolder(folder);
    throw new Error(`this machine lets nobody mount a small file system: ${refusals.join("; ")}`);
  }

  /** A command line that starts the command inside. */
  inside(command: string, args: readonly string[]): { command: string; args: string[] } {
    const target = `--target=${this.#keeper.pid}`;
    return {
      command: requireCommand("nsenter"),
      args: [target, ...this.#namespace.entered, "--", command, ...args],
    };
  }

  /** Takes all the room that is left. */
  async fill(): Promise<void> {
    const full = await writeFile(this.#filler(), Buffer.alloc(this.#bytes + 1)).then(
      () => false,
      (error: unknown) => Object(error).code === "ENOSPC",
    );
    if (!full) throw new Error(`${this.folder} took more than it has room for`);
  }

  async makeRoom(): Promise<void> {
    await rm(this.#filler());
  }

  /** After what was started inside has ended. */
  async unmount(): Promise<void> {
    const ended = once(this.#keeper, "exit");
    this.#keeper.kill("SIGKILL");
    await ended;
    await removeDataFolder(this.folder);
  }

  /** By way of the keeper, since this process is outside. */
  #filler(): string {
    return path.join(`/proc/${this.#keeper.pid}/root`, this.folder, "filler");
  }
}

/** Why this machine has no such disk to offer, said once; null when it has. No install can help: the kernel decides. */
export async function missingSmallDisk(): Promise<string | null> {
  const tried = await orAbsent(() => SmallDisk.mount(4_096));
  if (tried instanceof SmallDisk) {
    await tried.unmount();
    return null;
  }
  console.warn(`tests of full disks are skipped: ${tried.reason}`);
  return tried.reason;
}

/** Starts a command on the disk if there is one, else as it is. */
export function startedOn(disk: SmallDisk | undefined, command: string, args: readonly string[]) {
  return disk === undefined ? { command, args } : disk.inside(command, args);
}

/** That it has mounted, or why it could not. */
async function firstWords({ stdout, stderr }: ChildProcess): Promise<string> {
  for (const stream of [stdout, stderr]) {
    for await (const chunk of stream ?? []) return String(chunk).trim();
  }
  return "it ended without a word";
}
