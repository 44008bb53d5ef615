import { Bridge } from "./bridge.ts";
import type { BridgeConfig } from "./config.ts";
import { Edge } from "./edge/edge.ts";
import { serveHealth } from "./health/health-server.ts";
import { Heart } from "./health/heart.ts";
import { INBOUND_TOPICS, type InboundKind } from "./inbound/inbound-topics.ts";
import { Inbound, type InboundReport } from "./inbound/inbound.ts";
import { reasonOf, type Log } from "./log.ts";
import { createSinks } from "./sinks/sinks.ts";
import { NO_SPANS, type Spans } from "./spans/spans.ts";

/** Less than the 10 s that process managers wait before they kill; ms. */
const STOP_GRACE_MS = 8_000;

/** Carries events out and quotes in, until a signal stops it. Rejects when it breaks. */
export async function runBridge(config: BridgeConfig, log: Log): Promise<void> {
  const { edgeUrl, secret, bounds, disabled, healthPort, sinks } = config;
  const random = Math.random;
  const edge = new Edge(edgeUrl, secret);
  const spans = await spansOf(config, log);
  const bridge = new Bridge({
    edge,
    sinks: createSinks(config, log, random, spans),
    bounds,
    log,
    random,
    now: Date.now,
  });
  const inbound = inboundOf(config, edge, log);
  const consumers = Object.values(inbound);
  const heart = new Heart(
    () => bridge.health(),
    (heartbeat) => edge.heartbeat(heartbeat),
    log,
  );
  const health = await serveHealth(healthPort, {
    disabled,
    bridge: () => bridge.health(),
    inbound: () => inboundHealth(inbound),
    edge: () => heart.edgeHealth(),
  });
  log.info("bridge.started", {
    edge: edgeUrl.origin,
    healthPort: health.port,
    sinks: sinks.map(({ type }) => type).join(","),
    disabled: disabled.join(","),
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, async () => {
      log.info("bridge.stopping", { signal });
      heart.stop();
      const stopped = await Promise.allSettled([
        bridge.stop(STOP_GRACE_MS),
        ...consumers.map((consumer) => consumer.stop()),
      ]);
      for (const each of stopped) {
        if (each.status === "rejected") log.warn("bridge.stop", { reason: reasonOf(each.reason) });
      }
      await spans.stop();
      process.exit(0);
    });
  }
  bridge.start();
  heart.start();
  for (const consumer of consumers) void consumer.start(); // never rejects
  await bridge.stopped;
}

/** The library is loaded only where traces are collected. */
async function spansOf({ tracing }: BridgeConfig, log: Log): Promise<Spans> {
  if (tracing === null) return NO_SPANS;
  const { OtlpSpans } = await import("./spans/otlp-spans.ts");
  return new OtlpSpans(log, tracing.serviceName);
}

/** What is consumed; nothing without Kafka. */
function inboundOf(
  { sinks, topics }: BridgeConfig,
  edge: Edge,
  log: Log,
): Partial<Record<InboundKind, Inbound>> {
  const kafka = sinks.find((sink) => sink.type === "kafka");
  if (kafka === undefined) return {};
  const consumers = Object.entries(INBOUND_TOPICS).map(([kind, { holds, group, read }]) => {
    const inbound = new Inbound({
      connection: kafka,
      topic: topics[holds],
      group,
      read,
      deadLetterTopic: topics.deadLetter,
      ingest: (records) => edge.ingest(records),
      log,
      random: Math.random,
    });
    return [kind, inbound] as const;
  });
  return Object.fromEntries(consumers);
}

function inboundHealth(inbound: Partial<Record<InboundKind, Inbound>>): InboundReport {
  return Object.fromEntries(
    Object.entries(inbound).map(([kind, consumer]) => [kind, consumer.health()]),
  );
}
