import { onTestFinished } from "vitest";
import { freePorts } from "../support/free-port.ts";
import { NpmStart } from "../support/npm-start.ts";

/** The whole of Parley as a person starts it, with what the environment names; ended after the test. */
export async function startWhole(folder: string): Promise<{ url: string; output: string }> {
  const [port, healthPort] = await freePorts();
  const started = new NpmStart({
    PORT: `${port}`,
    BRIDGE_HEALTH_PORT: `${healthPort}`,
    PARLEY_DATA_DIR: folder,
  });
  onTestFinished(async () => {
    started.pressCtrlC();
    await started.ended();
  });
  await started.says("Ctrl-C stops everything");
  return { url: `http://127.0.0.1:${port}`, output: started.output };
}
