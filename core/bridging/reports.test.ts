import { expect, test } from "vitest";
import type { SinkReport } from "../../protocol/heartbeat.ts";
import { bridgeHealth, heard, partHealth } from "./reports.ts";

const WELL: SinkReport = {
  status: "healthy",
  fault: null,
  lagMs: 5,
  inHand: 1,
  deadLetters: 0,
  shards: { total: 4, connected: 4 },
};
const beat = (bridgeId: string, report: Partial<SinkReport> = {}) => ({
  bridgeId,
  sinks: { kafka: { ...WELL, ...report } },
});
const unconnected = { shards: { total: 4, connected: 0 } };

test("[OBX-10] the owner speaks for a sink, not a standby; a standby does once the owner is silent", () => {
  const owner = heard({}, beat("owner"), 0);
  expect(heard(owner, beat("standby", unconnected), 10_000)).toEqual(owner);
  expect(heard(owner, beat("standby", unconnected), 30_000)["kafka"]?.bridgeId).toBe("standby");
  expect(heard(owner, beat("heir"), 10_000)["kafka"]?.bridgeId).toBe("heir");
  expect(heard(owner, beat("owner", unconnected), 10_000)["kafka"]?.shards.connected).toBe(0);
});

test.each([
  ["healthy", null, {}, 0],
  ["error", "unreachable", { status: "degraded", fault: "unreachable" }, 0],
  ["degraded", "connecting", { status: "starting" }, 0],
  ["degraded", "connecting", { shards: { total: 4, connected: 3 } }, 0],
  ["degraded", "behind", { lagMs: 60_001 }, 0],
  ["error", "silent", {}, 30_000],
] as const)("a sink is %s (%s)", (status, fault, report, now) => {
  const reports = heard({}, beat("one", report), 0);
  expect(partHealth(reports["kafka"], now)).toMatchObject({ status, fault, ageS: now / 1_000 });
});

test("a sink nobody spoke of is disabled, and a bridge nobody heard of is silent", () => {
  expect(partHealth(undefined, 0).status).toBe("disabled");
  expect(bridgeHealth({}, 0)).toMatchObject({ status: "error", fault: "silent" });
});

test("the bridge is as its worst sink", () => {
  const mongodb = { ...WELL, lagMs: 90_000 };
  const reports = heard({}, { bridgeId: "one", sinks: { kafka: WELL, mongodb } }, 0);
  expect(bridgeHealth(reports, 0)).toMatchObject({ status: "degraded", fault: "behind" });
});
