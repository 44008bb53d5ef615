import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { givenTo } from "../scripts/command-line.ts";
import { Arena } from "./arena.ts";
import { benchAppend } from "./append.ts";
import { benchBridge } from "./bridge.ts";
import { benchFanout } from "./fanout.ts";
import { benchGateway } from "./gateway.ts";
import { benchInbox } from "./inbox.ts";
import { benchLog } from "./log.ts";
import type { Measurement } from "./measure.ts";
import { benchResume } from "./resume.ts";
import { benchRows } from "./rows.ts";
import { benchSocketIo } from "./socketio.ts";
import { benchSockets } from "./sockets.ts";
import { benchStall } from "./stall.ts";
import { printTable } from "./table.ts";

const SUITES = {
  append: benchAppend,
  bridge: benchBridge,
  fanout: benchFanout,
  gateway: benchGateway,
  inbox: benchInbox,
  log: benchLog,
  resume: benchResume,
  rows: benchRows,
  socketio: benchSocketIo,
  stall: benchStall,
  sockets: benchSockets,
} satisfies Record<string, (arena: Arena, runs: number) => Promise<Measurement[]>>;
type SuiteName = keyof typeof SUITES;

const { values, words } = givenTo({
  name: "npm run bench",
  does: "Measures against baselines, in turns in the same run; all suites when none is named.",
  options: {
    json: { type: "text", value: "FILE", what: "where the numbers are written as well" },
    runs: {
      type: "number",
      least: 1,
      whole: true,
      default: 3,
      what: "of which the median is told",
    },
  },
  words: { choices: Object.keys(SUITES) },
});
const names = (words.length === 0 ? Object.keys(SUITES) : words).filter(isSuite);
const { runs } = values;

const cpu = cpus();
console.log(
  `Plain workerd on disk, client on the same machine: ${cpu.length} × ${cpu[0]?.model ?? "unknown"}, Node ${process.version}.`,
);
console.log(
  `Medians of ${runs} runs; parley and its baselines take turns. raw: an object that only echoes or relays; ` +
    "plain: one commit and one frame per message, or what the row's name says.\n",
);

const results: Measurement[] = [];
for (const name of names) {
  // an arena of its own: no suite meets what another one has left in memory or on disk
  const arena = await Arena.open();
  try {
    results.push(...(await SUITES[name](arena, runs)));
  } finally {
    await arena.close();
  }
}
printTable(results);
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
}

function isSuite(name: string): name is SuiteName {
  return Object.hasOwn(SUITES, name);
}
