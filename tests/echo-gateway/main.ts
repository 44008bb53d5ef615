import { givenTo } from "../../scripts/command-line.ts";
import { usablePort } from "../../scripts/start/ports.ts";
import { startEchoGateway } from "./start.ts";

const { values } = givenTo({
  name: "npm run echo-gateway",
  does: "Runs the echo worker on plain workerd, until it is interrupted.",
  options: {
    port: {
      type: "number",
      least: 1,
      most: 65_535,
      whole: true,
      default: null,
      what: "where it listens; a free one when absent",
    },
  },
});
const port = values.port === undefined ? {} : { port: await namedPort(values.port) };
const workerd = await startEchoGateway(port);
console.log(`echo gateway on ${workerd.url}: /engine.io/ and /socket.io/`);
const stop = () => void workerd.stop().then(() => process.exit(0)); // nothing is left that could fail
process.once("SIGINT", stop);
process.once("SIGTERM", stop);

async function namedPort(port: number): Promise<number> {
  try {
    return await usablePort("--port", `${port}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
