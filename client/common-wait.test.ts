import { expect, test } from "vitest";
import { CommonWait } from "./common-wait.ts";
import type { Timers } from "./timers.ts";

/** A wait whose end a test decides. */
function setUp() {
  const started: number[] = [];
  let onEnd: (() => void) | undefined;
  const timers: Timers = {
    start: (_timer, ms, onTimeout) => {
      started.push(ms);
      onEnd = onTimeout;
    },
    stop: () => {
      onEnd = undefined;
    },
  };
  return { wait: new CommonWait(timers, "ping"), started, isRunning: () => onEnd !== undefined };
}

test("the first says how long, the others go on with it", () => {
  const { wait, started, isRunning } = setUp();
  const heard: string[] = [];
  for (const name of ["one", "two"]) wait.join({}, started.length + 5, () => heard.push(name));
  expect([started, wait.isPending]).toEqual([[5], true]);
  wait.end();
  expect([heard, wait.isPending, isRunning()]).toEqual([["one", "two"], false, false]);
});

test("who has left is not told, and the last one ends the wait", () => {
  const { wait, isRunning } = setUp();
  const [one, two] = [{}, {}];
  const heard: string[] = [];
  wait.join(one, 5, () => heard.push("one"));
  wait.join(two, 5, () => heard.push("two"));
  wait.leave(one);
  expect(isRunning()).toBe(true);
  wait.leave(two);
  expect(isRunning()).toBe(false);
  wait.end();
  expect(heard).toEqual([]);
});

test("what one does at the end may make another one leave, or begin the next wait", () => {
  const { wait, started } = setUp();
  const [one, two, three] = [{}, {}, {}];
  const heard: string[] = [];
  wait.join(one, 5, () => {
    heard.push("one");
    wait.leave(two);
    wait.join(one, 7, () => heard.push("one again"));
  });
  wait.join(two, 5, () => heard.push("two"));
  wait.join(three, 5, () => heard.push("three"));
  wait.end();
  expect([heard, started]).toEqual([
    ["one", "three"],
    [5, 7],
  ]);
  wait.end();
  expect(heard).toEqual(["one", "three", "one again"]);
});
