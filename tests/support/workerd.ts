import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { spawnTied } from "../services/servers/tied-child.ts";
import { freePort } from "./free-port.ts";
import { WasmModules } from "./wasm-modules.ts";

const REPO = path.resolve(import.meta.dirname, "../..");
const COMPATIBILITY_DATE = "2026-10-20";
const READY_ATTEMPTS = 200;
const READY_PAUSE_MS = 50;

/** A worker to run on plain workerd: the production runtime, storage on disk, no proxy in front. */
export interface WorkerdOptions {
  /** Entry module, from the root of the repository. */
  entry: string;
  /** Binding name → class of a Durable Object namespace. */
  objects: Record<string, string>;
  text?: Record<string, string>;
  /** Where the objects keep their SQLite; a fresh folder, removed by `stop`, when absent. */
  stateDir?: string;
  /** Of 127.0.0.1; a free one when absent. */
  port?: number;
  /** Listens on ::1 as well, which `localhost` may mean. */
  ipv6?: boolean;
}

/** A running workerd. `restart` comes back on the same port and disk, as after a crash. */
export class Workerd {
  readonly url: string;
  readonly #configFile: string;
  readonly #workDir: string;
  #process: ChildProcess | null = null;

  private constructor(port: number, workDir: string, configFile: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#workDir = workDir;
    this.#configFile = configFile;
  }

  static async start(options: WorkerdOptions): Promise<Workerd> {
    const workDir = await mkdtemp(path.join(tmpdir(), "parley-workerd-"));
    const stateDir = options.stateDir ?? path.join(workDir, "state");
    await mkdir(stateDir, { recursive: true });
    const wasm = new WasmModules(workDir);
    await build({
      absWorkingDir: REPO,
      entryPoints: [options.entry],
      outfile: path.join(workDir, "worker.js"),
      bundle: true,
      format: "esm",
      target: "es2024",
      conditions: ["workerd", "worker", "browser"],
      external: ["cloudflare:*", "node:*"],
      loader: { ".sql": "text" },
      plugins: [wasm.plugin],
      logLevel: "error",
    });
    const port = options.port ?? (await freePort());
    const configFile = path.join(workDir, "config.capnp");
    await writeFile(configFile, capnpConfig(options, { port, stateDir, wasm: [...wasm.names] }));
    const workerd = new Workerd(port, workDir, configFile);
    await workerd.#spawn();
    return workerd;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error("workerd is not running");
    return pid;
  }

  /** Resident memory, in bytes (Linux). */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024;
  }

  /** Ends the process as a crash would: no handler runs, nothing is flushed. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.#spawn();
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#workDir, { recursive: true, force: true });
  }

  async #spawn(): Promise<void> {
    const child = spawnTied(workerdBinary(), ["serve", this.#configFile], {
      stdio: ["ignore", process.env["WORKERD_LOG"] === "1" ? "inherit" : "ignore", "inherit"],
    });
    this.#process = child;
    for (let attempt = 0; attempt < READY_ATTEMPTS; attempt++) {
      if (child.exitCode !== null) throw new Error(`workerd ended with ${child.exitCode}`);
      try {
        await fetch(`${this.url}/health`);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, READY_PAUSE_MS));
      }
    }
    throw new Error("workerd did not answer");
  }
}

function workerdBinary(): string {
  const require = createRequire(import.meta.url);
  const workerd: unknown = require("workerd");
  if (typeof workerd === "object" && workerd !== null && "default" in workerd) {
    if (typeof workerd.default === "string") return workerd.default;
  }
  throw new Error("the workerd package names no binary");
}

function capnpConfig(
  options: WorkerdOptions,
  { port, stateDir, wasm }: { port: number; stateDir: string; wasm: readonly string[] },
): string {
  const objects = Object.entries(options.objects);
  const namespaces = objects.map(
    ([, className]) =>
      `(className = ${quoted(className)}, uniqueKey = ${quoted(className)}, enableSql = true)`,
  );
  const bindings = [
    ...objects.map(
      ([name, className]) =>
        `(name = ${quoted(name)}, durableObjectNamespace = ${quoted(className)})`,
    ),
    ...Object.entries(options.text ?? {}).map(
      ([name, value]) => `(name = ${quoted(name)}, text = ${quoted(value)})`,
    ),
  ];
  const modules = [
    `(name = "worker.js", esModule = embed "worker.js")`,
    ...wasm.map((name) => `(name = ${quoted(name)}, wasm = embed ${quoted(name)})`),
  ];
  const addresses = [`127.0.0.1:${port}`, ...(options.ipv6 === true ? [`[::1]:${port}`] : [])];
  const sockets = addresses.map(
    (address) =>
      `(name = ${quoted(address)}, address = ${quoted(address)}, http = (), service = "main")`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "disk", disk = (path = ${quoted(stateDir)}, writable = true)),
    (name = "internet", network = (allow = ["local", "private", "public"])),
  ],
  sockets = [${sockets.join(", ")}],
);
const main :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [${bindings.join(", ")}],
);
`;
}

/** A Cap'n Proto text literal; JSON's escapes are a subset of what it reads. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
