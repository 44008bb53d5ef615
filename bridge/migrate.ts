import type { BridgeConfig } from "./config.ts";
import type { Log } from "./log.ts";
import { failureOf } from "./part-state.ts";
import { createSink } from "./sinks/sinks.ts";

/** Makes the topics and indexes that are missing, one try for each sink. Running it again changes nothing. */
export async function migrate(config: BridgeConfig, log: Log): Promise<void> {
  for (const sinkConfig of config.sinks) {
    const sink = createSink(sinkConfig, config.topics, log);
    try {
      await sink.start();
      log.info("migrate.done", { sink: sink.name });
    } catch (error) {
      log.error("migrate.failed", { sink: sink.name, ...failureOf(error) });
      process.exitCode = 1;
    } finally {
      await sink.stop();
    }
  }
}
