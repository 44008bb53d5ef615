import { once } from "node:events";
import { createServer } from "node:net";
import { freePort } from "../../tests/support/free-port.ts";

const DEFAULT_PORT = 8787;
const DEFAULT_HEALTH_PORT = 8790;

/** Where the edge listens; throws in words when it cannot. */
export async function edgePort(environment: NodeJS.Dict<string>): Promise<number> {
  const { PORT } = environment;
  return usablePort("PORT", isSet(PORT) ? PORT : String(DEFAULT_PORT));
}

/** Where the bridge answers. Nobody needs to know it beforehand, so a default that is taken is simply replaced. */
export async function healthPort(environment: NodeJS.Dict<string>): Promise<number> {
  const { BRIDGE_HEALTH_PORT } = environment;
  if (isSet(BRIDGE_HEALTH_PORT)) return usablePort("BRIDGE_HEALTH_PORT", BRIDGE_HEALTH_PORT);
  return (await isFree(DEFAULT_HEALTH_PORT)) ? DEFAULT_HEALTH_PORT : freePort();
}

/** The port that `text` names; throws in words, with the `setting` it comes from, when nobody can listen there. */
export async function usablePort(setting: string, text: string): Promise<number> {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${setting} is not a port: ${text}; a port is a number from 1 to 65535`);
  }
  if (await isFree(port)) return port;
  throw new Error(`port ${port} is in use; choose another one with ${setting}=…`);
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== "";
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
