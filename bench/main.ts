import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { Arena } from "./arena.ts";
import { benchAppend } from "./append.ts";
import { benchFanout } from "./fanout.ts";
import type { Measurement } from "./measure.ts";
import { printTable } from "./table.ts";

const SUITES = { append: benchAppend, fanout: benchFanout };
type SuiteName = keyof typeof SUITES;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "string" }, runs: { type: "string", default: "3" } },
});
const names: SuiteName[] = positionals.length === 0 ? allSuites() : positionals.map(suiteName);
const runs = Number(values.runs);

const cpu = cpus();
console.log(
  `Plain workerd on disk, client on the same machine: ${cpu.length} × ${cpu[0]?.model ?? "unknown"}, Node ${process.version}.`,
);
console.log(
  `Medians of ${runs} runs; parley and its baselines take turns. raw: an object that only echoes or relays; ` +
    "plain: one commit and one frame per message.\n",
);

const arena = await Arena.open();
const results: Measurement[] = [];
try {
  for (const name of names) results.push(...(await SUITES[name](arena, runs)));
} finally {
  await arena.close();
}
printTable(results);
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
}

function allSuites(): SuiteName[] {
  return Object.keys(SUITES).map(suiteName);
}

function suiteName(name: string): SuiteName {
  if (name === "append" || name === "fanout") return name;
  throw new Error(`no suite ${name}; there are ${Object.keys(SUITES).join(", ")}`);
}
