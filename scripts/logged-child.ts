import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { REPO } from "../tests/services/servers/cache.ts";
import { spawnTied } from "../tests/services/servers/tied-child.ts";

export interface ChildOptions {
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.Dict<string>;
  /** Takes the output, of this run only. */
  logFile: string;
}

const READY_WITHIN_MS = 90_000;
const PROBE_PAUSE_MS = 100;
const STOP_WITHIN_MS = 10_000;
const LAST_LINES = 15;

/** A process of ours that writes to a log file and ends with us. */
export class LoggedChild {
  readonly #options: ChildOptions;
  readonly #child: ChildProcess;
  /** Resolves when the process has ended, whatever the reason. */
  readonly ended: Promise<void>;

  constructor(options: ChildOptions) {
    this.#options = options;
    mkdirSync(path.dirname(options.logFile), { recursive: true });
    const log = openSync(options.logFile, "w");
    this.#child = spawnTied(options.command, options.args, {
      endSignal: "SIGTERM",
      detached: true, // Ctrl-C in a terminal is ours to pass on, in the right order
      cwd: REPO,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.ended = once(this.#child, "exit").then(() => undefined);
  }

  /**
   * Asks `probe` again and again until it answers something other than null. Rejects with the end of the log when the
   * process has ended or takes too long.
   */
  async until<T>(probe: () => Promise<T | null>): Promise<T> {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (performance.now() < deadline && this.#isRunning()) {
      const answer = await probe().catch(() => null);
      if (answer !== null) return answer;
      await pause(PROBE_PAUSE_MS);
    }
    throw new Error(await this.lastWords());
  }

  /** For signals that do not end it. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<void> {
    if (!this.#isRunning()) return;
    this.#child.kill(signal);
    const killer = setTimeout(() => this.#killAll(), STOP_WITHIN_MS);
    await this.ended;
    clearTimeout(killer);
  }

  /** What the process said last, for the person who has to mend it. */
  async lastWords(): Promise<string> {
    const { name, logFile } = this.#options;
    const log = await readFile(logFile, "utf8").catch(() => "");
    const lines = log.trimEnd().split("\n").slice(-LAST_LINES).join("\n");
    const state = this.#isRunning() ? "is not ready" : "ended";
    return `${name} ${state}; the end of ${path.relative(REPO, logFile)}:\n${lines}`;
  }

  /** The process leads a group of its own, in which all that it started is killed with it. */
  #killAll(): void {
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, "SIGKILL");
  }

  #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
}
