import { parseArgs } from "node:util";
import { startEchoGateway } from "./start.ts";

/** `npm run echo-gateway -- --port N`: the echo worker on plain workerd, until it is interrupted. */
const { values } = parseArgs({ options: { port: { type: "string" } } });
const port = values.port === undefined ? {} : { port: Number(values.port) };
const workerd = await startEchoGateway(port);
console.log(`echo gateway on ${workerd.url}: /engine.io/ and /socket.io/`);
const stop = () => void workerd.stop().then(() => process.exit(0)); // nothing is left that could fail
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
