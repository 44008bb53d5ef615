import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { claimData, forgetRun, refuseSecondRun } from "./run-file.ts";

const url = "http://127.0.0.1:1";
const me = { name: "npm start", pid: process.pid, url };
let runFile: string;

beforeEach(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "parley-run-"));
  runFile = path.join(folder, "data/running.json");
  return () => rm(folder, { recursive: true });
});

test("a run is named to the second one, until it is over", async () => {
  await refuseSecondRun(runFile);
  await claimData(runFile, me);
  const words = `Parley runs already: ${url} (npm start, process ${process.pid})`;
  await expect(refuseSecondRun(runFile)).rejects.toThrow(words);
  await expect(claimData(runFile, { ...me, name: "npm run dev" })).rejects.toThrow(words);
  await forgetRun(runFile);
  await claimData(runFile, { ...me, name: "npm run dev" });
});

test("of several that come at once, one has the data", async () => {
  const names = ["one", "two", "three", "four"];
  const outcomes = await Promise.allSettled(
    names.map((name) => claimData(runFile, { ...me, name })),
  );
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("what a dead process has left refuses nobody", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  const { pid } = child;
  if (pid === undefined) throw new Error("it did not start");
  await claimData(runFile, { ...me, pid });
  await expect(claimData(runFile, me)).rejects.toThrow(`process ${pid}`);
  child.kill("SIGKILL");
  await once(child, "exit");
  await claimData(runFile, me);
});

test.runIf(process.platform === "linux")("nor does one whose pid another has by now", async () => {
  await claimData(runFile, me);
  const noted: object = JSON.parse(await readFile(runFile, "utf8"));
  await writeFile(runFile, JSON.stringify({ ...noted, life: "of an earlier boot" }));
  await claimData(runFile, me);
});

test.each(["", "{", '{"pid":1}'])("nor what is no note: %j", async (text) => {
  await claimData(runFile, me);
  await writeFile(runFile, text);
  await claimData(runFile, me);
});
