import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts();
  return port;
}

/** Two of them: one asked for after the other may be the same. */
export async function freePorts(): Promise<[number, number]> {
  const servers = [await listening(), await listening()] as const;
  const ports = [portOf(servers[0]), portOf(servers[1])] satisfies [number, number];
  for (const server of servers) {
    server.close();
    await once(server, "close");
  }
  return ports;
}

async function listening(): Promise<Server> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return address.port;
}
