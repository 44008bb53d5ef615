import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { BridgeHealth } from "../bridge.ts";
import { Durations } from "./durations.ts";
import { metricsText } from "./metrics.ts";

/** One sink that has written a little, and lost a shard. */
function health(): BridgeHealth {
  const latency = new Durations();
  latency.add(7);
  const shards = { total: 2, connected: 1 };
  return {
    sinks: {
      kafka: {
        status: "degraded",
        fault: "unreachable",
        reason: "no broker",
        retries: 3,
        deadLetters: 1,
        shards,
        eachShard: [
          { isConnected: true, batches: 4, inHand: 5 },
          { isConnected: false, batches: 9, inHand: 0 },
        ],
        events: { done: 20, inHand: 5, unreadable: 0 },
        lagMs: 1_500,
        groups: 2,
        latency: latency.counts(),
      },
    },
    shards,
    events: { done: 20, inHand: 5, unreadable: 0 },
  };
}
const counts = { applied: 6, repeated: 1, skipped: 0, deadLetters: 0 };
const inbound = { quotes: { status: "healthy", fault: null, reason: null, ...counts } } as const;

const edge = { status: "degraded", fault: "unreachable", reason: "no answer" } as const;

const served = metricsText(health(), inbound, edge);
const samples = served.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
/** Names as a query may use them, `_bucket`, `_sum` and `_count` of a histogram included. */
const names = new Set(samples.map((line) => line.replace(/[{ ].*$/, "")));

test("metrics are samples of Prometheus' text format, each under one TYPE", () => {
  for (const line of samples) {
    expect(line).toMatch(/^[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.]+$/);
  }
  const types = [...served.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(types).toEqual([...new Set(types)]);
  expect(samples).toContain("parley_bridge_edge_up 0");
  expect(samples).toContain('parley_bridge_lag_seconds{sink="kafka"} 1.5');
  expect(samples).toContain('parley_bridge_fault{sink="kafka",fault="unreachable"} 1');
  expect(samples).toContain('parley_bridge_shard_in_hand{sink="kafka",shard="0"} 5');
  expect(samples).toContain('parley_bridge_shard_connected{sink="kafka",shard="1"} 0');
  expect(samples).toContain('parley_bridge_inbound_total{kind="quotes",outcome="applied"} 6');
});

test("the dashboard names metrics that are served, and every metric is on it", () => {
  const file = path.join(import.meta.dirname, "../grafana/dashboard.json");
  const text = readFileSync(file, "utf8");
  const dashboard: unknown = JSON.parse(text);
  expect(Object(dashboard).panels.length).toBeGreaterThan(10);
  const named = new Set(text.match(/parley_bridge_[a-z_]+/g));
  expect([...named].filter((name) => !names.has(name))).toEqual([]);
  expect([...names].filter((name) => !named.has(name))).toEqual([]);
});

test("docs/bridge.md tells of every metric", () => {
  const documented = readFileSync(path.join(import.meta.dirname, "../../docs/bridge.md"), "utf8");
  const families = new Set([...names].map((name) => name.replace(/_(bucket|sum|count)$/, "")));
  expect([...families].filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
});
