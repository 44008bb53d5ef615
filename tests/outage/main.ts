import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { textTable } from "../../scripts/text-table.ts";
import { runOutage } from "./run-outage.ts";

/**
 * `npm run outage -- --minutes N --json FILE`: fails when chat is slower while Kafka and MongoDB are down, when health
 * says otherwise than it is, or when something is missing afterwards. `--ratio` is for machines that others use as well.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    conversations: { type: "string", default: "20" },
    "per-second": { type: "string", default: "100" },
    ratio: { type: "string", default: "1.1" },
    json: { type: "string" },
  },
});
const figures = await runOutage({
  minutes: Number(values.minutes),
  conversations: Number(values.conversations),
  perSecond: Number(values["per-second"]),
  said: (line) => console.log(line),
});
const { phases, ratio, untruths, isVerified, drainedAfterS, saidAfterS, largestLagMs } = figures;
const columns = ["messages", "ackP50", "ackP99", "deliveredP50", "deliveredP99"] as const;
const rows = Object.entries(phases).map(([name, phase]) => [
  name,
  ...columns.map((column) => phase[column].toFixed(column === "messages" ? 0 : 1)),
]);
console.log(`\n${textTable([["phase (ms)", ...columns], ...rows])}\n`);
console.log(
  `p99 during the outage over before: ack ${ratio.ack.toFixed(2)}, delivered ${ratio.delivered.toFixed(2)}; ` +
    `said after ${saidAfterS.toFixed(0)} s, level again ${drainedAfterS.toFixed(0)} s after its end; ` +
    `largest lag ${Math.round(Math.max(largestLagMs.kafka, largestLagMs.mongodb) / 1_000)} s`,
);
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
}
const problems = [
  ...(Math.max(ratio.ack, ratio.delivered) <= Number(values.ratio) ? [] : ["chat got slower"]),
  ...(untruths.length === 0 ? [] : [`health did not say what was: ${untruths[0] ?? ""}`]),
  ...(isVerified ? [] : ["the archive is not what the logs say"]),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
