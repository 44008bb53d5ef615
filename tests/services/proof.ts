import { givenTo } from "../../scripts/command-line.ts";

const { values } = givenTo({
  name: "npm run proof",
  does:
    "Carries events to real Kafka and MongoDB while the bridge and both servers are killed, and compares at the end: " +
    "the suite of tests/services/bridge-proof.test.ts.",
  options: {
    size: {
      type: "choice",
      choices: ["full", "small"],
      default: "full",
      what: "100,000 events, a quarter of an hour or more; or 2,000, half a minute",
    },
    seed: {
      type: "number",
      least: 0,
      whole: true,
      default: null,
      what: "FC_SEED of an earlier run's output: kills at the same points again",
    },
  },
});
process.env["BRIDGE_PROOF"] = values.size;
if (values.seed !== undefined) process.env["FC_SEED"] = `${values.seed}`;
process.argv.splice(2, Infinity, "bridge-proof");
await import("./run.ts");
