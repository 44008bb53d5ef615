import type { BridgeHealth } from "../bridge.ts";
import { DURATION_BOUNDS_MS } from "./durations.ts";
import { FAULTS } from "../fault.ts";
import type { PartState } from "../part-state.ts";
import type { InboundReport } from "../inbound/inbound.ts";
import type { LaneHealth, ShardHealth } from "../sinks/sink-lane.ts";

/** One metric with a value for each of its sets of labels. */
interface Metric {
  name: string;
  type: "counter" | "gauge";
  help: string;
  values: (readonly [labels: string, value: number])[];
}

type Lanes = readonly (readonly [sink: string, LaneHealth])[];

/** The bridge's numbers in Prometheus' text format, version 0.0.4. Names are documented in docs/bridge.md. */
export function metricsText(
  { sinks }: BridgeHealth,
  inbound: InboundReport,
  edge: PartState,
): string {
  const lanes = Object.entries(sinks);
  const metrics = [
    gauge("edge_up", "1 while the edge hears the bridge.", [
      ["", edge.status === "healthy" ? 1 : 0],
    ]),
    ...sinkMetrics(lanes),
    ...shardMetrics(lanes),
    counter("inbound", "Inbound records.", inboundValues(inbound)),
  ];
  return [...metrics.map(metricText), latencyText(lanes)].join("");
}

function sinkMetrics(lanes: Lanes): Metric[] {
  const perSink = (of: (lane: LaneHealth) => number): Metric["values"] =>
    lanes.map(([sink, lane]) => [`sink="${sink}"`, of(lane)]);
  const faults = lanes.flatMap(([sink, lane]) =>
    FAULTS.map(
      (fault) => [`sink="${sink}",fault="${fault}"`, lane.fault === fault ? 1 : 0] as const,
    ),
  );
  return [
    counter(
      "events",
      "Events and receipts that the sink has.",
      perSink(({ events }) => events.done),
    ),
    counter(
      "groups",
      "Groups that were written.",
      perSink(({ groups }) => groups),
    ),
    counter(
      "retries",
      "Tries that failed.",
      perSink(({ retries }) => retries),
    ),
    counter(
      "dead_letters",
      "Events refused for good.",
      perSink(({ deadLetters }) => deadLetters),
    ),
    counter(
      "unreadable",
      "Events of a newer edge, left for a newer bridge.",
      perSink(({ events }) => events.unreadable),
    ),
    gauge(
      "in_hand",
      "Events taken in and not written.",
      perSink(({ events }) => events.inHand),
    ),
    gauge(
      "lag_seconds",
      "Age of the oldest event in hand.",
      perSink(({ lagMs }) => lagMs / 1_000),
    ),
    gauge(
      "shards",
      "Shards of the edge.",
      perSink(({ shards }) => shards.total),
    ),
    gauge(
      "shards_connected",
      "Shards this bridge is connected to.",
      perSink(({ shards }) => shards.connected),
    ),
    gauge(
      "up",
      "1 while the sink works.",
      perSink(({ status }) => (status === "healthy" ? 1 : 0)),
    ),
    gauge("fault", "1 for what is wrong with the sink.", faults),
  ];
}

function shardMetrics(lanes: Lanes): Metric[] {
  const perShard = (of: (shard: ShardHealth) => number): Metric["values"] =>
    lanes.flatMap(([sink, { eachShard }]) =>
      eachShard.map((shard, index) => [`sink="${sink}",shard="${index}"`, of(shard)] as const),
    );
  return [
    counter(
      "shard_batches",
      "Batches that a shard has sent.",
      perShard(({ batches }) => batches),
    ),
    gauge(
      "shard_in_hand",
      "Events of a shard taken in and not written.",
      perShard(({ inHand }) => inHand),
    ),
    gauge(
      "shard_connected",
      "1 while the bridge owns the shard.",
      perShard(({ isConnected }) => (isConnected ? 1 : 0)),
    ),
  ];
}

function gauge(name: string, help: string, values: Metric["values"]): Metric {
  return { name: `parley_bridge_${name}`, type: "gauge", help, values };
}

function counter(name: string, help: string, values: Metric["values"]): Metric {
  return { name: `parley_bridge_${name}_total`, type: "counter", help, values };
}

function inboundValues(inbound: InboundReport): Metric["values"] {
  return Object.entries(inbound).flatMap(
    ([kind, { applied, repeated, skipped, deadLetters }]): Metric["values"] => [
      [`kind="${kind}",outcome="applied"`, applied],
      [`kind="${kind}",outcome="repeated"`, repeated],
      [`kind="${kind}",outcome="skipped"`, skipped],
      [`kind="${kind}",outcome="dead_letter"`, deadLetters],
    ],
  );
}

function metricText({ name, type, help, values }: Metric): string {
  const samples = values.map(([labels, value]) =>
    labels === "" ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join("")}`;
}

function latencyText(lanes: Lanes): string {
  const name = "parley_bridge_latency_seconds";
  const samples = lanes.flatMap(([sink, { latency }]) => [
    ...latency.buckets.map((count, index) => {
      const bound = (DURATION_BOUNDS_MS[index] ?? 0) / 1_000;
      return `${name}_bucket{sink="${sink}",le="${bound}"} ${count}\n`;
    }),
    `${name}_bucket{sink="${sink}",le="+Inf"} ${latency.count}\n`,
    `${name}_sum{sink="${sink}"} ${latency.sumMs / 1_000}\n`,
    `${name}_count{sink="${sink}"} ${latency.count}\n`,
  ]);
  const help = "From an event's commit at the edge until the sink has it.";
  return `# HELP ${name} ${help}\n# TYPE ${name} histogram\n${samples.join("")}`;
}
