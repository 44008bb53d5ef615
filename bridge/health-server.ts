import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { BridgeHealth } from "./bridge.ts";

export interface HealthServer {
  port: number;
  stop(): Promise<void>;
}

/** Answers `GET /health` on this machine only; port 0 takes any free one. Rejects when the port is taken. */
export async function serveHealth(
  port: number,
  disabled: readonly string[],
  health: () => BridgeHealth,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const found = request.url === "/health";
    response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(found ? healthBody(disabled, health()) : { code: "NOT_FOUND" }));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return { port: portOf(server), stop: () => stop(server) };
}

function healthBody(disabled: readonly string[], { sinks, shards, events }: BridgeHealth) {
  const working = Object.values(sinks).every(({ status }) => status === "healthy");
  const connected = shards.total > 0 && shards.connected === shards.total;
  const off = disabled.map((name) => [name, { status: "disabled" }] as const);
  return {
    status: working && connected ? "healthy" : "degraded",
    sinks: { ...Object.fromEntries(off), ...sinks },
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
