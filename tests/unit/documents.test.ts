import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as v from "valibot";
import { describe, expect, test } from "vitest";

/** README and the documents name only what is there, and all that a reader looks for. */

const REPO = path.resolve(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(path.join(REPO, file), "utf8");
const readme = read("README.md");

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "migrations/README.md",
  ...readdirSync(path.join(REPO, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => path.join("docs", name)),
];

function section(heading: string): string {
  const found = readme.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`README has no section ${heading}`);
  return found;
}

/** Files and folders in code marks, from the repository's root. */
function pathsIn(text: string): string[] {
  const named = [...text.matchAll(/`((?:[\w-]+\/)+(?:[\w.-]+)?)`/g)].map(([, name = ""]) => name);
  return named.filter((name) => existsSync(path.join(REPO, name.split("/")[0] ?? "")));
}

describe("README", () => {
  test("names the two commands", () => {
    expect(section("Start")).toContain("\nnpm ci && npm start\nnpm ci && npm test\n");
  });

  test("follows a message by files that exist, from the client to the sinks", () => {
    const files = pathsIn(section("The path of one message"));
    expect(files.filter((file) => !existsSync(path.join(REPO, file)))).toEqual([]);
    const folders = files.map((file) => file.split("/")[0]);
    expect(folders).toEqual(
      expect.arrayContaining(["client", "worker", "durable-objects", "core", "bridge"]),
    );
  });

  test("names every npm script", () => {
    const scripts = v.parse(
      v.object({ scripts: v.record(v.string(), v.string()) }),
      JSON.parse(read("package.json")),
    ).scripts;
    const named = section("npm scripts");
    const missing = Object.keys(scripts).filter(
      (name) => !new RegExp(`\`(npm (run )?)?${name}\``).test(named) && !name.startsWith("pre"),
    );
    expect(missing).toEqual([]);
    const rows = [...named.matchAll(/^\| `npm (?:run )?([\w:-]+)`/gm)].map(([, name]) => name);
    expect(rows.filter((name) => name === undefined || scripts[name] === undefined)).toEqual([]);
  });

  test("names every variable that the edge or the bridge reads", () => {
    const variables = ["edge/config.ts", "bridge/config.ts", "edge/object-env.ts"].flatMap((file) =>
      [...read(file).matchAll(/^ {2}([A-Z][A-Z0-9_]+)\??: (?!Objects<|D1|\{)/gm)].map(
        ([, name]) => name,
      ),
    );
    expect(variables).toContain("BRIDGE_SECRET");
    expect(variables).toContain("KAFKA_BROKERS");
    const named = section("Environment");
    expect(variables.filter((name) => !named.includes(`\`${name}\``))).toEqual([]);
  });
});

test("README names every variable that scripts and tests read", () => {
  const sources = ["bench", "scripts", "tests", "bridge"].flatMap((folder) =>
    readdirSync(path.join(REPO, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => path.join(folder, name)),
  );
  const variables = sources.flatMap((file) =>
    [...read(file).matchAll(/process\.env\["([A-Z][A-Z0-9_]+)"\]/g)].map(([, name]) => name),
  );
  expect(variables).toContain("FC_SEED");
  const named = section("Environment");
  // of the system, and of wrangler
  const foreign = ["PATH", "WRANGLER_COMMAND"];
  const missing = variables.filter((name = "") => {
    const isNamed = named.includes(`\`${name}\``) || named.includes(`\`${name}=`);
    return !isNamed && !foreign.includes(name);
  });
  expect(missing).toEqual([]);
});

describe.each(documents)("%s", (file) => {
  const text = read(file);

  test("links to files and headings that are there", () => {
    const broken = [...text.matchAll(/\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g)].filter(
      ([, target = "", anchor]) => {
        const linked = target === "" ? file : path.join(path.dirname(file), target);
        if (!existsSync(path.join(REPO, linked))) return true;
        return anchor !== undefined && !anchorsOf(read(linked)).includes(anchor.slice(1));
      },
    );
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  test("names files and folders that are there", () => {
    const missing = pathsIn(text).filter((name) => !existsSync(path.join(REPO, name)));
    expect(missing).toEqual([]);
  });
});

/** The names under which headings can be linked to. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}
