import { writeFile } from "node:fs/promises";
import { givenTo } from "../../scripts/command-line.ts";
import { textTable } from "../../scripts/text-table.ts";
import { runChaos } from "./run-chaos.ts";

const { values } = givenTo({
  name: "npm run chaos",
  does: "Kills the runtime under load; fails when an acked message is lost, doubled or out of order.",
  options: {
    seconds: { type: "number", least: 1, whole: false, default: 20, what: "how long" },
    writers: { type: "number", least: 1, whole: true, default: 6, what: "people who write" },
    window: { type: "number", least: 1, whole: true, default: 8, what: "sends under way of each" },
    json: { type: "text", value: "FILE", what: "where the figures are written as well" },
  },
});
const { seconds, writers, window } = values;
console.log(`killing the runtime under load for ${seconds} s`);
const { faults, ...verdict } = await runChaos({
  seconds,
  writers,
  window,
  said: (line) => console.log(line),
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
