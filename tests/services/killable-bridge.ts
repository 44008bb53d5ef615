import * as v from "valibot";
import { BRIDGE_PROGRAM } from "../../scripts/bridge-program.ts";
import { LoggedChild } from "../../scripts/logged-child.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";

const healthSchema = v.object({
  events: v.object({ done: v.number() }),
  shards: v.object({ total: v.number(), connected: v.number() }),
});

/** A real bridge process that ends as in a crash, at a point of its work. */
export class KillableBridge {
  readonly #child: LoggedChild;
  readonly healthUrl: string;

  private constructor(child: LoggedChild, healthUrl: string) {
    this.#child = child;
    this.healthUrl = healthUrl;
  }

  /** Returns as soon as the process is there, which is long before it works. */
  static async spawn(env: Record<string, string>, logFile: string): Promise<KillableBridge> {
    const port = await freePort();
    const child = new LoggedChild({
      name: "the bridge",
      command: process.execPath,
      args: BRIDGE_PROGRAM,
      env: { ...env, BRIDGE_HEALTH_PORT: `${port}` },
      logFile,
    });
    return new KillableBridge(child, `http://127.0.0.1:${port}/health`);
  }

  /** Resolves once this process has carried so many events. */
  async hasCarried(events: number): Promise<void> {
    await eventually(async () => {
      const health = await this.#health();
      if (health.events.done < events) throw new Error(await this.#child.lastWords());
    }, CARRIED_WITHIN_MS);
  }

  /** Resolves once every shard is this bridge's, or none is. */
  async owns(which: "all" | "none"): Promise<void> {
    await eventually(async () => {
      const { total, connected } = (await this.#health()).shards;
      const wanted = which === "all" ? Math.max(total, 1) : 0;
      if (connected !== wanted) throw new Error(await this.#child.lastWords());
    }, OWNED_WITHIN_MS);
  }

  /** Stops it where it is, as a machine does that is suspended: its connections stay, and nothing is answered. */
  freeze(): void {
    this.#child.signal("SIGSTOP");
  }

  thaw(): void {
    this.#child.signal("SIGCONT");
  }

  /** Asks it to end, as a process manager does. */
  async end(): Promise<void> {
    await this.#child.stop("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#child.stop("SIGKILL");
  }

  async #health() {
    return v.parse(healthSchema, await (await fetch(this.healthUrl)).json());
  }
}

const CARRIED_WITHIN_MS = 60_000;
/** A bridge that was superseded waits up to a minute before it dials again. */
const OWNED_WITHIN_MS = 90_000;
