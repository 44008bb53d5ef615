import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { spawnTied } from "../../tests/services/servers/tied-child.ts";

/** `main.ts` in a process of its own, with its table in a fresh folder. */
export class NodeChat {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, process: ChildProcess, folder: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#process = process;
    this.#folder = folder;
  }

  static async start({ stores }: { stores: boolean }): Promise<NodeChat> {
    const folder = await mkdtemp(path.join(tmpdir(), "parley-node-chat-"));
    const main = path.join(import.meta.dirname, "main.ts");
    const args = stores ? [main, path.join(folder, "messages.sqlite")] : [main];
    const child = spawnTied(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    if (child.stdout === null) throw new Error("its output is piped");
    const [line] = (await once(child.stdout, "data")) as [Buffer]; // a pipe without encoding emits buffers
    return new NodeChat(Number(line.toString()), child, folder);
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
    await rm(this.#folder, { recursive: true, force: true });
  }
}
