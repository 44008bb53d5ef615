import { expect, test } from "vitest";
import { judge, type Witness } from "../chaos/verdict.ts";

const LOG = [
  { seq: 1, clientMessageId: "a" },
  { seq: 2, clientMessageId: "b" },
  { seq: 3, clientMessageId: "c" },
];
const GOOD: Witness = { acked: new Map([["a", { seq: 1 }]]), seen: LOG };
const CLEAN = { acked: 1, delivered: 3, lost: 0, duplicated: 0, reordered: 0 };

test("a run in which all is well has nothing against it", () => {
  expect(judge(LOG, [GOOD])).toEqual(CLEAN);
});

test("an ack for a message that the log does not hold, or holds elsewhere, is a loss", () => {
  const acked = new Map([
    ["b", { seq: 2 }],
    ["gone", { seq: 1 }],
    ["c", { seq: 2 }],
  ]);
  expect(judge(LOG, [{ ...GOOD, acked }])).toEqual({ ...CLEAN, acked: 3, lost: 2 });
});

test("an event that was never shown is a loss", () => {
  const seen = LOG.slice(0, 2);
  expect(judge(LOG, [{ ...GOOD, seen }])).toEqual({ ...CLEAN, delivered: 2, lost: 1 });
});

test("an event shown twice is a duplicate, and out of order when a later one was between", () => {
  const [one, two, three] = LOG;
  if (one === undefined || two === undefined || three === undefined)
    throw new Error("three entries");
  const verdict = judge(LOG, [{ ...GOOD, seen: [one, two, one, three] }]);
  expect(verdict).toEqual({ ...CLEAN, delivered: 4, duplicated: 1, reordered: 1 });
});

test("one key in two places of the log is a duplicate", () => {
  const log = [...LOG, { seq: 4, clientMessageId: "a" }];
  const verdict = judge(log, [{ ...GOOD, seen: log }]);
  expect(verdict).toEqual({ ...CLEAN, delivered: 4, duplicated: 1 });
});

test("a gap in the log is out of order", () => {
  const log = [LOG[0], LOG[2]].filter((entry) => entry !== undefined);
  const verdict = judge(log, [{ ...GOOD, seen: log }]);
  expect(verdict).toEqual({ ...CLEAN, delivered: 2, reordered: 1 });
});
