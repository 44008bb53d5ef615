import { writeFile } from "node:fs/promises";
import { givenTo } from "../../scripts/command-line.ts";
import { textTable } from "../../scripts/text-table.ts";
import { runOutage } from "./run-outage.ts";

const { values } = givenTo({
  name: "npm run outage",
  does:
    "Stops Kafka and MongoDB under live chat. Fails when chat gets slower, when health says otherwise than it is, or " +
    "when something is missing afterwards.",
  options: {
    minutes: {
      type: "number",
      least: 0.1,
      whole: false,
      default: 1,
      what: "how long they are down",
    },
    conversations: { type: "number", least: 1, whole: true, default: 20, what: "at once" },
    "per-second": { type: "number", least: 1, whole: true, default: 100, what: "messages, in all" },
    ratio: {
      type: "number",
      least: 1,
      whole: false,
      default: 1.1,
      what: "how much slower is still well; more on machines that others use as well",
    },
    json: { type: "text", value: "FILE", what: "where the figures are written as well" },
  },
});
const figures = await runOutage({
  minutes: values.minutes,
  conversations: values.conversations,
  perSecond: values["per-second"],
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
  ...(Math.max(ratio.ack, ratio.delivered) <= values.ratio ? [] : ["chat got slower"]),
  ...(untruths.length === 0 ? [] : [`health did not say what was: ${untruths[0] ?? ""}`]),
  ...(isVerified ? [] : ["the archive is not what the logs say"]),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
