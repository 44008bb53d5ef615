import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { BridgeHealth } from "../bridge.ts";
import type { PartState } from "../part-state.ts";
import type { InboundReport } from "../inbound/inbound.ts";
import { metricsText } from "./metrics.ts";

export interface HealthServer {
  port: number;
  stop(): Promise<void>;
}

export interface HealthSources {
  /** Parts that nothing configures. */
  disabled: readonly string[];
  bridge: () => BridgeHealth;
  edge: () => PartState;
  inbound: () => InboundReport;
}

/** Answers `GET /health` and `GET /metrics` on this machine only; port 0 takes any free one. Rejects when it is taken. */
export async function serveHealth(port: number, sources: HealthSources): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const { status, type, body } = answerTo(request.url, sources);
    response.writeHead(status, { "content-type": type });
    response.end(body);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return { port: portOf(server), stop: () => stop(server) };
}

function answerTo(url: string | undefined, sources: HealthSources) {
  if (url === "/metrics") {
    const body = metricsText(sources.bridge(), sources.inbound(), sources.edge());
    return { status: 200, type: "text/plain; version=0.0.4", body };
  }
  const found = url === "/health";
  const body = JSON.stringify(found ? healthBody(sources) : { code: "NOT_FOUND" });
  return { status: found ? 200 : 404, type: "application/json", body };
}

function healthBody({ disabled, bridge, inbound, edge }: HealthSources) {
  const { sinks, shards, events } = bridge();
  // shard by shard is for /metrics
  const told = Object.entries(sinks).map(([name, { eachShard: _own, ...sink }]) => [name, sink]);
  const consumed = inbound();
  const working =
    Object.values(sinks).every(({ status }) => status === "healthy") &&
    Object.values(consumed).every(({ status }) => status === "healthy");
  const connected = shards.total > 0 && shards.connected === shards.total;
  const off = disabled.map((name) => [name, { status: "disabled" }] as const);
  return {
    status: working && connected ? "healthy" : "degraded",
    edge: edge(),
    sinks: { ...Object.fromEntries(off), ...Object.fromEntries(told) },
    inbound: Object.keys(consumed).length === 0 ? { status: "disabled" } : consumed,
    shards,
    events,
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // it listens on TCP, so there is an address with a port
}

async function stop(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}
