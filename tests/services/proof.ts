/** `npm run proof`: the suite of tests/services/bridge-proof.test.ts at its full size, a quarter of an hour or more. */
import process from "node:process";

process.env["BRIDGE_PROOF"] ??= "full";
process.argv.push("bridge-proof");
await import("./run.ts");
