import { spawnSync } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readArguments, usageOf, type CommandLine } from "./command-line.ts";

const REPO = path.resolve(import.meta.dirname, "..");

const command = {
  name: "npm run thing",
  does: "Does it.",
  options: {
    yes: { type: "flag", what: "does not ask" },
    json: { type: "text", value: "FILE", what: "where to" },
    size: { type: "choice", choices: ["full", "small"], default: "full", what: "how much" },
    minutes: { type: "number", least: 0.1, whole: false, default: 1, what: "how long" },
    port: { type: "number", least: 1, most: 65_535, whole: true, default: null, what: "where" },
    runs: { type: "number", least: 1, whole: true, default: 3, what: "how often" },
  },
  words: { choices: ["one", "two"] },
} as const satisfies CommandLine;

test("what is left out has its default", () => {
  expect(readArguments(command, [])).toEqual({
    ok: true,
    value: {
      values: { yes: false, json: undefined, size: "full", minutes: 1, port: undefined, runs: 3 },
      words: [],
    },
  });
});

test("what is given is read by its type", () => {
  const args = "two one --yes --json out.json --size small --minutes 0.5 --port 80 --runs=2".split(
    " ",
  );
  expect(readArguments(command, args)).toEqual({
    ok: true,
    value: {
      values: { yes: true, json: "out.json", size: "small", minutes: 0.5, port: 80, runs: 2 },
      words: ["two", "one"],
    },
  });
});

test.each([
  [["three"], "there is no three, only one, two"],
  [["--everything"], "Unknown option '--everything'"],
  [["--json"], "Option '--json <value>' argument missing"],
  [["--json="], "--json needs FILE"],
  [["--yes=no"], "Option '--yes' does not take an argument"],
  [["--size", "huge"], "--size is one of full, small"],
  [["--minutes", "soon"], "--minutes is a number from 0.1"],
  [["--minutes="], "--minutes is a number from 0.1"],
  [["--minutes", "0"], "--minutes is a number from 0.1"],
  [["--minutes", "Infinity"], "--minutes is a number from 0.1"],
  [["--port", "70000"], "--port is a whole number from 1 to 65535"],
  [["--runs", "1.5"], "--runs is a whole number from 1"],
])("%j is refused in one sentence", (args, sentence) => {
  expect(readArguments(command, args)).toEqual({ ok: false, error: sentence });
});

test("a program that takes no words says so", () => {
  const { words: _words, ...wordless } = command;
  expect(readArguments(wordless, ["x"])).toEqual({ ok: false, error: "x is not taken here" });
});

test("the usage is one line", () => {
  expect(usageOf(command)).toBe(
    "usage: npm run thing -- [one|two]… [--yes] [--json FILE] [--size full|small] [--minutes N] [--port N] [--runs N]",
  );
});

describe.each([
  "bench/main.ts",
  "bridge/main.ts",
  "scripts/demo.ts",
  "scripts/dev-logs.ts",
  "scripts/kafka-topics.ts",
  "scripts/services.ts",
  "scripts/start.ts",
  "tests/chaos/main.ts",
  "tests/echo-gateway/main.ts",
  "tests/fuzz/main.ts",
  "tests/outage/main.ts",
  "tests/services/proof.ts",
])("%s", (file) => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [file, ...args], { cwd: REPO, encoding: "utf8" });

  test("says how it is used", () => {
    const { status, stdout, stderr } = run("--help");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^usage: npm /);
  });

  test.each(["nonsense", "--nonsense"])("refuses %s in a line, with its usage", (argument) => {
    const { status, stdout, stderr } = run(argument);
    expect([status, stdout]).toEqual([2, ""]);
    const [sentence, usage, ...more] = stderr.trimEnd().split("\n");
    expect(sentence).toContain(argument);
    expect(usage).toMatch(/^usage: npm /);
    expect(more).toEqual([]);
  });
});
