import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FAULTS, faultOf, type Fault } from "./fault.ts";

function error(fields: object, cause?: Error): Error {
  return Object.assign(new Error("it did not work", cause === undefined ? {} : { cause }), fields);
}

test.each<[Fault, Error]>([
  ["unreachable", error({ name: "KafkaJSConnectionError", code: "ECONNREFUSED" })],
  ["unreachable", error({ name: "MongoServerSelectionError" })],
  ["unreachable", new TypeError("fetch failed", { cause: error({ code: "ECONNREFUSED" }) })],
  ["unauthorized", error({ name: "MongoServerError", code: 18 })],
  ["unauthorized", error({ type: "TOPIC_AUTHORIZATION_FAILED" })],
  ["full", error({ code: "ENOSPC" })],
  ["full", error({ type: "KAFKA_STORAGE_ERROR" })],
  ["full", error({ name: "MongoServerError", code: 14_031 })],
  ["full", error({ code: 8, message: "28: No space left on device" })],
  ["full", error({ code: 1, message: "[db.go:167] database or disk is full (13)" })],
  ["failing", error({ code: 1, message: "database is locked (5)" })],
  ["failing", error({ message: "no space left on device" })],
  ["slow", error({ name: "TimeoutError" })],
  ["slow", error({ name: "MongoNetworkTimeoutError" })],
  ["slow", error({ name: "KafkaJSRequestTimeoutError" })],
  ["unsettled", error({ type: "NOT_ENOUGH_REPLICAS" })],
  ["unsettled", error({ type: "NOT_LEADER_FOR_PARTITION" })],
  ["unsettled", error({ type: "REBALANCE_IN_PROGRESS" })],
  ["unsettled", error({ name: "MongoServerError", code: 189 })],
  ["overtaken", error({ name: "MongoBulkWriteError", code: 11_000 })],
  ["failing", error({})],
])("%s is what stands behind it: %s", (fault, thrown) => {
  expect(faultOf(thrown)).toBe(fault);
});

test("a fault is found behind what wraps it, and an error that is its own cause is no trap", () => {
  const inner = error({ name: "KafkaJSSASLAuthenticationError" });
  const wrapped = error({ name: "KafkaJSNumberOfRetriesExceeded" }, inner);
  expect(faultOf(error({ errors: [wrapped] }))).toBe("unauthorized");
  const lost = error({ name: "MongoNetworkError" });
  expect(faultOf(error({ name: "MongoBulkWriteError", errorResponse: lost }))).toBe("unreachable");
  const circle = error({});
  circle.cause = circle;
  expect(faultOf(circle)).toBe("failing");
  expect(faultOf("a text")).toBe("failing");
});

test("docs/bridge.md says of every fault when it is told", () => {
  const document = readFileSync(new URL("../docs/bridge.md", import.meta.url), "utf8");
  const rows = document.split("\n## Faults\n")[1]?.split("\n## ")[0] ?? "";
  expect(FAULTS.filter((fault) => !rows.includes(`\`${fault}\``))).toEqual([]);
});
