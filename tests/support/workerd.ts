import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import * as v from "valibot";
import { spawnTied } from "../services/servers/tied-child.ts";
import { freePort } from "./free-port.ts";
import { WasmModules } from "./wasm-modules.ts";

const REPO = path.resolve(import.meta.dirname, "../..");
const COMPATIBILITY_DATE = "2026-10-20";
const LISTENS_WITHIN_MS = 30_000;
/** Where workerd tells which sockets it listens on, as lines of JSON. */
const CONTROL_FD = 3;
const listenSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ event: v.literal("listen"), socket: v.string() }),
);

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
  readonly #addresses: readonly string[];
  readonly #configFile: string;
  readonly #workDir: string;
  #process: ChildProcess | null = null;

  private constructor(
    port: number,
    addresses: readonly string[],
    workDir: string,
    configFile: string,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.#addresses = addresses;
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
    const addresses = [`127.0.0.1:${port}`, ...(options.ipv6 === true ? [`[::1]:${port}`] : [])];
    const config = capnpConfig(options, { addresses, stateDir, wasm: [...wasm.names] });
    await writeFile(configFile, config);
    const workerd = new Workerd(port, addresses, workDir, configFile);
    try {
      await workerd.#spawn();
    } catch (error) {
      await workerd.stop();
      throw error;
    }
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
    const log = process.env["WORKERD_LOG"] === "1" ? "inherit" : "ignore";
    const child = spawnTied(
      workerdBinary(),
      ["serve", `--control-fd=${CONTROL_FD}`, this.#configFile],
      { stdio: ["ignore", log, "inherit", "pipe"] },
    );
    this.#process = child;
    const hanging = setTimeout(() => child.kill("SIGKILL"), LISTENS_WITHIN_MS);
    const isListening = await listens(child, this.#addresses);
    clearTimeout(hanging);
    if (isListening) return;
    this.#process = null;
    throw new Error(`workerd does not listen on ${this.#addresses.join(" and ")}`);
  }
}

/**
 * True when this very process listens on all of them, false when it ended before. An answer on the port would not do:
 * it could be anybody's.
 */
async function listens(child: ChildProcess, addresses: readonly string[]): Promise<boolean> {
  const missing = new Set(addresses);
  // by the options of the spawn it is one that is read
  for await (const line of createInterface({ input: child.stdio[CONTROL_FD] as Readable })) {
    const told = v.safeParse(listenSchema, line);
    if (told.success) missing.delete(told.output.socket);
    if (missing.size === 0) return true;
  }
  return false;
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
  {
    addresses,
    stateDir,
    wasm,
  }: { addresses: readonly string[]; stateDir: string; wasm: readonly string[] },
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
