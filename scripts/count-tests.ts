import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";

/** Prints one line, the sum over the reports that the test runs left behind. A report that is missing is a failure. */

const RESULTS = path.resolve(import.meta.dirname, "../.cache/test-results");
const EXPECTED = ["test.json", "services.json", "fuzz.json"];

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Report = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    success: v.boolean(),
    numPassedTests: count,
    numFailedTests: count,
    numPendingTests: count,
    numTodoTests: count,
  }),
);

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const UNREADABLE: Counts = { passed: 0, failed: 1, skipped: 0 };

async function countReport(name: string): Promise<Counts> {
  const text = await readFile(path.join(RESULTS, name), "utf8").catch(() => "");
  const parsed = v.safeParse(Report, text);
  if (!parsed.success) {
    console.error(`no report of tests in ${name}`);
    return UNREADABLE;
  }
  const report = parsed.output;
  // A file that could not be loaded has no tests to fail, and yet its run did.
  const hidden = !report.success && report.numFailedTests === 0 ? 1 : 0;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + hidden,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

const written = await readdir(RESULTS).catch(() => []);
const reports = new Set([...EXPECTED, ...written.filter((name) => name.endsWith(".json"))]);
const counts = await Promise.all([...reports].map(countReport));
const sum = (key: keyof Counts) => counts.reduce((total, each) => total + each[key], 0);
console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
process.exitCode = sum("failed") === 0 ? 0 : 1;
