import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { REPO } from "../services/servers/cache.ts";

/** `npm start`, or another script, as a person runs it in a terminal, on ports and data of its own. */
export class NpmStart {
  readonly #child: ChildProcess;
  #output = "";

  constructor(env: Record<string, string>, args: readonly string[] = ["start"]) {
    // a group of its own, as a terminal makes one: that is whom Ctrl-C reaches
    this.#child = spawn("npm", args, {
      cwd: REPO,
      env: { ...process.env, KAFKA_BROKERS: "", MONGODB_URI: "", MONGO_URI: "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        this.#child.emit("said");
      });
    }
  }

  get output(): string {
    return this.#output;
  }

  /** Resolves when `text` was printed; rejects when it ends without. */
  async says(text: string): Promise<void> {
    while (!this.#output.includes(text)) {
      if (this.#hasEnded()) throw new Error(`it ended:\n${this.#output}`);
      await Promise.race([once(this.#child, "said"), once(this.#child, "close")]);
    }
  }

  /** The exit code, when it has ended. */
  async ended(): Promise<number | null> {
    if (!this.#hasEnded()) await once(this.#child, "close");
    return this.#child.exitCode;
  }

  /** What the terminal does on Ctrl-C: every process of the group is told. */
  pressCtrlC(): void {
    if (this.#child.pid !== undefined && !this.#hasEnded())
      process.kill(-this.#child.pid, "SIGINT");
  }

  /** All processes that this one has started, and those they have started. */
  descendants(): number[] {
    const lines = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).stdout.split(
      "\n",
    );
    const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
    const found = [this.#child.pid];
    for (const parent of found) {
      found.push(...pairs.filter(([, ppid]) => ppid === parent).map(([pid]) => pid));
    }
    return found.filter((pid) => pid !== undefined);
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0); // signal 0 only asks
  } catch {
    return false;
  }
}
