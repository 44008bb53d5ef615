import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { REPO } from "../services/servers/cache.ts";
import { startEdge, type Edge } from "../support/edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.stop());

/** The README's listing of a language, for an edge elsewhere. */
function listing(language: string): string {
  const readme = readFileSync(path.join(REPO, "README.md"), "utf8");
  const found = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "ms").exec(readme)?.[1];
  if (found?.includes("http://127.0.0.1:8787") !== true) throw new Error(`no ${language} listing`);
  return found.replaceAll("http://127.0.0.1:8787", edge.url);
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: REPO, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return stdout;
}

test("the README's tour: curl sends a message, and the SDK snippet reads it and adds its own", () => {
  const said = run("bash", ["-ec", listing("sh")]);
  expect(said).toContain('"conversationId":"tour"');
  expect(said).toContain('"content":"hello from curl"');
  const printed = run(process.execPath, ["--input-type=module-typescript", "-e", listing("ts")]);
  expect(printed).toBe("1 hello from curl\n2 hello from the SDK\n");
});
