import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as v from "valibot";
import { givenTo } from "../../scripts/command-line.ts";
import { REPO } from "../services/servers/cache.ts";
import { spawnTied } from "../services/servers/tied-child.ts";
import { startEdge } from "../support/edge.ts";
import { prepareFuzzer } from "./python.ts";
import { FuzzWorld } from "./world.ts";

/**
 * Lets Schemathesis invent requests to every route that /openapi.json describes, with a user's token, against the real
 * edge. No answer may be a 5xx, or one that the description does not allow.
 */

const RESULTS = path.join(REPO, ".cache/test-results/fuzz.json");
/** So that two runs of the same code say the same. */
const SEED = "20261124";
/** Invented requests for each operation and pass, beside those that its schema's bounds give. */
const EXAMPLES = "20";
/** A pass takes some 80 s; one that hangs is a failure. */
const PASS_TIMEOUT_MS = 300_000;
const CHECKS =
  "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

const descriptionSchema = v.object({
  paths: v.record(
    v.string(),
    v.record(
      v.string(),
      v.object({ parameters: v.array(v.object({ name: v.string(), in: v.string() })) }),
    ),
  ),
});
const reportSchema = v.object({
  operations: v.object({ total: v.number(), tested: v.number() }),
  failures: v.array(v.object({ operations: v.array(v.string()) })),
  errors: v.array(v.unknown()),
});

interface Counts {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

/** In the words of Vitest's report, which scripts/count-tests.ts adds up: one test is one operation in one pass. */
function counts(passed: number, failed: number, skipped = 0): Counts {
  return {
    success: failed === 0,
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    numTodoTests: 0,
  };
}

/** What every operation is asked about in this pass: ids that are there, or whatever the fuzzer invents. */
type Pass = "invented ids" | "real ids";

async function fuzz(command: string, url: string, pass: Pass, folder: string): Promise<Counts> {
  const world = await FuzzWorld.make(url);
  const name = pass.replace(" ", "-");
  const config = path.join(folder, `${name}.toml`);
  const report = path.join(folder, `${name}.json`);
  await writeFile(config, await configOf(world, url, pass));
  console.log(`\nfuzzing with ${pass}`);
  const options = `--phases coverage,fuzzing --max-examples ${EXAMPLES} --seed ${SEED} --checks ${CHECKS}`;
  const quirks = "--suppress-health-check all --warnings off --continue-on-failure --no-shrink";
  const child = spawnTied(
    command,
    [
      "--config-file",
      config,
      "run",
      `${url}/openapi.json`,
      ...`${options} ${quirks} --report json`.split(" "),
      "--report-json-path",
      report,
    ],
    { cwd: folder, stdio: "inherit", endSignal: "SIGTERM" },
  );
  const hanging = setTimeout(() => child.kill(), PASS_TIMEOUT_MS);
  const [code] = await once(child, "exit");
  clearTimeout(hanging);
  const parsed = v.safeParse(reportSchema, JSON.parse(await readFile(report, "utf8")));
  if (!parsed.success) throw new Error(`the report of the pass with ${pass} cannot be read`);
  const { operations, failures, errors } = parsed.output;
  const { total, tested } = operations;
  const broken = new Set(failures.flatMap((failure) => failure.operations)).size + errors.length;
  // what was left out, or ended otherwise than well, did not pass either
  const failed = Math.max(broken, total - tested, code === 0 ? 0 : 1);
  return counts(Math.max(0, total - failed), failed);
}

/** The token, and for real ids a group for each operation: some of them end the group they are about. */
async function configOf(world: FuzzWorld, url: string, pass: Pass): Promise<string> {
  const lines = [`headers = { Authorization = "Bearer ${world.token}" }`];
  if (pass === "invented ids") return lines.join("\n");
  const answer: unknown = await (await fetch(`${url}/openapi.json`)).json();
  const { paths } = v.parse(descriptionSchema, answer);
  for (const [route, methods] of Object.entries(paths)) {
    for (const [method, { parameters }] of Object.entries(methods)) {
      const things = await world.things();
      const named = parameters.filter((each) => each.in !== "header" && each.name in things);
      if (named.length === 0) continue;
      const values = named.map((each) => `"${each.in}.${each.name}" = "${things[each.name]}"`);
      lines.push(
        "[[operations]]",
        `include-name = "${method.toUpperCase()} ${route}"`,
        `parameters = { ${values.join(", ")} }`,
      );
    }
  }
  return lines.join("\n");
}

async function run(): Promise<Counts> {
  const fuzzer = await prepareFuzzer();
  if (fuzzer.state === "absent") {
    console.log(`fuzzing is skipped: ${fuzzer.reason}`);
    return counts(0, 0, 1);
  }
  const folder = await mkdtemp(path.join(tmpdir(), "parley-fuzz-"));
  const edge = await startEdge();
  try {
    const invented = await fuzz(fuzzer.command, edge.url, "invented ids", folder);
    const real = await fuzz(fuzzer.command, edge.url, "real ids", folder);
    return counts(
      invented.numPassedTests + real.numPassedTests,
      invented.numFailedTests + real.numFailedTests,
    );
  } finally {
    await edge.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

givenTo({
  name: "npm run fuzz",
  does: "Invents requests to every route for some three minutes, with Schemathesis.",
  options: {},
});
await mkdir(path.dirname(RESULTS), { recursive: true });
const total = await run();
await writeFile(RESULTS, JSON.stringify(total));
const { numPassedTests, numFailedTests, numPendingTests } = total;
console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
process.exitCode = total.success ? 0 : 1;
