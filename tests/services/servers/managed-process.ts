import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { REPO } from "./cache.ts";
import { spawnTied } from "./tied-child.ts";

export interface ProcessOptions {
  command: string;
  args: readonly string[];
  cwd: string;
  env?: Record<string, string>;
  logFile: string;
  /** Throws for as long as the server cannot do its work. */
  probe: () => Promise<void>;
}

const READY_TIMEOUT_MS = 120_000;
const PROBE_PAUSE_MS = 100;

/** A server process that can be killed and brought back on the same ports and data. */
export class ManagedProcess {
  readonly #options: ProcessOptions;
  #child: ChildProcess | null = null;

  private constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** Resolves once the server is ready. */
  static async start(options: ProcessOptions): Promise<ManagedProcess> {
    const managed = new ManagedProcess(options);
    await managed.restart();
    return managed;
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === null || hasEnded(child)) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  async restart(): Promise<void> {
    await this.kill();
    const { command, args, cwd, env, logFile } = this.#options;
    const log = openSync(logFile, "a");
    const child = spawnTied(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.#child = child;
    await this.#untilReady(child);
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const { command, logFile, probe } = this.#options;
    const name = `${path.basename(command)} (${path.relative(REPO, logFile)})`;
    const deadline = performance.now() + READY_TIMEOUT_MS;
    let cause: unknown;
    while (performance.now() < deadline) {
      if (hasEnded(child))
        throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}`);
      try {
        await probe();
        return;
      } catch (error) {
        cause = error;
      }
      await pause(PROBE_PAUSE_MS);
    }
    await this.kill();
    const last = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${name} was not ready in ${READY_TIMEOUT_MS / 1_000} s: ${last}`, { cause });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
