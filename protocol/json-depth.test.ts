import fc from "fast-check";
import { expect, test } from "vitest";
import { isDeeperThan } from "./json-depth.ts";

const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
    : 0;

test("what is as deep as it may be is not deeper, and one level more is", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const depth = depthOf(value);
      expect(isDeeperThan(value, depth)).toBe(false);
      if (depth > 0) expect(isDeeperThan(value, depth - 1)).toBe(true);
    }),
  );
});

test("a depth that no stack would bear is found", () => {
  const deep: unknown = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  expect(isDeeperThan(deep, 100)).toBe(true);
  expect(isDeeperThan(deep, 100_000)).toBe(false);
});
