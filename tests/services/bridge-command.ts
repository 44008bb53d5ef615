import { execFile } from "node:child_process";
import { BRIDGE_PROGRAM } from "../../scripts/bridge-program.ts";

export interface CommandOutcome {
  exitCode: number;
  /** What it logged, in order. */
  lines: Record<string, unknown>[];
}

/** Runs a command of the bridge as an operator does, to its end. */
export function bridgeCommand(
  env: Record<string, string>,
  ...args: readonly string[]
): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...BRIDGE_PROGRAM, ...args],
      { env: { ...process.env, ...env }, maxBuffer: OUTPUT_BYTES },
      (error, stdout) => {
        const exitCode = error === null ? 0 : Number(error.code ?? 1);
        const lines = stdout.trim().split("\n").filter(Boolean);
        resolve({ exitCode, lines: lines.map((line) => Object(JSON.parse(line))) });
      },
    );
  });
}

const OUTPUT_BYTES = 16 * 1_048_576;

/** What `verify` found, by conversation. */
export function differencesOf({ lines }: CommandOutcome): Map<string, [unknown, unknown]> {
  const differing = lines.filter(({ event }) => event === "verify.differs");
  return new Map(
    differing.map(({ conversationId, seq, problem }) => [String(conversationId), [seq, problem]]),
  );
}
