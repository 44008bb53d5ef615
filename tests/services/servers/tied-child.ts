import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";

/** Exit codes that a shell gives a process ended by these signals. */
const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** SIGTERM is for those that have children of their own to end; whatever ends this process, they get it. */
type EndSignal = "SIGKILL" | "SIGTERM";

const children = new Map<ChildProcess, EndSignal>();

/** Where a command is: on the PATH, or where its absolute name says. */
export function findCommand(name: string): string | null {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const candidates = folders.map((folder) => path.resolve(folder, name));
  return candidates.find(isExecutable) ?? null;
}

export function requireCommand(name: string): string {
  const command = findCommand(name);
  if (command === null) throw new Error(`${name} is not installed`);
  return command;
}

/** Starts a process that ends with this one, however this one ends. */
export function spawnTied(
  command: string,
  args: readonly string[],
  { endSignal = "SIGKILL", ...options }: SpawnOptions & { endSignal?: EndSignal },
): ChildProcess {
  if (children.size === 0) watchExit();
  // Where there is setpriv the kernel ends the child even when this process is killed with no chance to act.
  const setpriv = findCommand("setpriv");
  const child =
    setpriv === null
      ? spawn(command, args, options)
      : spawn(setpriv, ["--pdeathsig", endSignal.slice(3), "--", command, ...args], options);
  children.set(child, endSignal);
  child.once("exit", () => {
    children.delete(child);
    if (children.size === 0) unwatchExit();
  });
  return child;
}

function watchExit(): void {
  process.on("exit", killChildren);
  // first of all, so that it sees every other handler, those for one time included
  for (const signal of signals()) process.prependListener(signal, exitOnSignal);
}

function unwatchExit(): void {
  process.off("exit", killChildren);
  for (const signal of signals()) process.off(signal, exitOnSignal);
}

function killChildren(): void {
  for (const [child, endSignal] of children) child.kill(endSignal);
}

/** A program with a handler of its own for this signal decides itself; else a signal would skip the exit handlers. */
function exitOnSignal(signal: NodeJS.Signals): void {
  const isOnlyListener = process.listenerCount(signal) === 1;
  if (isOnlyListener)
    process.exit(Object.entries(SIGNAL_EXIT_CODES).find(([name]) => name === signal)?.[1] ?? 1);
}

function signals(): readonly (keyof typeof SIGNAL_EXIT_CODES)[] {
  return ["SIGHUP", "SIGINT", "SIGTERM"];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
