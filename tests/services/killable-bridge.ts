import path from "node:path";
import * as v from "valibot";
import { LoggedChild } from "../../scripts/logged-child.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { REPO } from "./servers/cache.ts";

const healthSchema = v.object({ events: v.object({ done: v.number() }) });

/** A real bridge process that ends as in a crash, at a point of its work. */
export class KillableBridge {
  readonly #child: LoggedChild;
  readonly #healthUrl: string;

  private constructor(child: LoggedChild, healthUrl: string) {
    this.#child = child;
    this.#healthUrl = healthUrl;
  }

  /** Returns as soon as the process is there, which is long before it works. */
  static async spawn(env: Record<string, string>, logFile: string): Promise<KillableBridge> {
    const port = await freePort();
    const child = new LoggedChild({
      name: "the bridge",
      command: process.execPath,
      args: [path.join(REPO, "bridge/main.ts")],
      env: { ...env, BRIDGE_HEALTH_PORT: `${port}` },
      logFile,
    });
    return new KillableBridge(child, `http://127.0.0.1:${port}/health`);
  }

  /** Resolves once this process has carried so many events. */
  async hasCarried(events: number): Promise<void> {
    await eventually(async () => {
      const health = v.parse(healthSchema, await (await fetch(this.#healthUrl)).json());
      if (health.events.done < events) throw new Error(await this.#child.lastWords());
    }, CARRIED_WITHIN_MS);
  }

  /** Asks it to end, as a process manager does. */
  async end(): Promise<void> {
    await this.#child.stop("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#child.stop("SIGKILL");
  }
}

const CARRIED_WITHIN_MS = 60_000;
