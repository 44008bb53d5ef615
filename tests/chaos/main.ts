import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { textTable } from "../../scripts/text-table.ts";
import { runChaos } from "./run-chaos.ts";

/** `npm run chaos -- --seconds N --json FILE`: fails when an acked message is lost, doubled or out of order. */

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    writers: { type: "string", default: "6" },
    window: { type: "string", default: "8" },
    json: { type: "string" },
  },
});
const seconds = Number(values.seconds);
console.log(`killing the runtime under load for ${seconds} s`);
const { faults, ...verdict } = await runChaos({
  seconds,
  writers: Number(values.writers),
  window: Number(values.window),
});
const figures = { ...verdict, ...faults };
console.log(textTable([Object.keys(figures), Object.values(figures).map(String)]));
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify({ ...verdict, faults }, null, 2)}\n`);
}
const isVacuous = verdict.acked === 0 || faults.kills === 0;
if (isVacuous) console.error("nothing was acked, or nothing was killed: this run proves nothing");
const isBroken = verdict.lost + verdict.duplicated + verdict.reordered > 0;
process.exitCode = isVacuous || isBroken ? 1 : 0;
