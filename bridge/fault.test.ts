import { expect, test } from "vitest";
import { faultOf, type Fault } from "./fault.ts";

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
  ["slow", error({ name: "TimeoutError" })],
  ["unsettled", error({ type: "NOT_ENOUGH_REPLICAS" })],
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
