import { parseArgs } from "node:util";
import { usablePort } from "../../scripts/start/ports.ts";
import { startEchoGateway } from "./start.ts";

/** `npm run echo-gateway -- --port N`: the echo worker on plain workerd, until it is interrupted. */
const { values } = parseArgs({ options: { port: { type: "string" } } });
const port = values.port === undefined ? {} : { port: await namedPort(values.port) };
const workerd = await startEchoGateway(port);
console.log(`echo gateway on ${workerd.url}: /engine.io/ and /socket.io/`);
const stop = () => void workerd.stop().then(() => process.exit(0)); // nothing is left that could fail
process.once("SIGINT", stop);
process.once("SIGTERM", stop);

async function namedPort(text: string): Promise<number> {
  try {
    return await usablePort("--port", text);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
