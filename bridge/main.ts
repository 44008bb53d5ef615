import { runBackfill, runVerify } from "./audit-commands.ts";
import { readCommand, type Command } from "./command-line.ts";
import { readConfig, type BridgeConfig } from "./config.ts";
import { createLog, reasonOf } from "./log.ts";
import { migrate } from "./migrate.ts";
import { runBridge } from "./run.ts";
import { secretsOf } from "./secrets.ts";

/**
 * `bridge` carries events until it is stopped. `bridge migrate` brings topics and indexes into shape, `bridge backfill`
 * sends logs again, `bridge verify` compares them with the archive; these end by themselves.
 */

const config = readConfig(process.env);
const secrets = config.ok ? secretsOf(config.value) : [];
const log = createLog((line) => process.stdout.write(`${line}\n`), Date.now, secrets);

function carryOut(command: Command, config: BridgeConfig): Promise<void> {
  switch (command.name) {
    case "run":
      return runBridge(config, log);
    case "migrate":
      return migrate(config, log);
    case "backfill":
      return runBackfill(command, config, log);
    case "verify":
      return runVerify(command, config, log);
  }
}

const command = readCommand(process.argv.slice(2));
if (!command.ok || !config.ok) {
  const problems = [command, config].flatMap((read) => (read.ok ? [] : [read.error]));
  log.error("bridge.config", { reason: problems.join("; ") });
  process.exit(1);
}
for (const warning of config.value.warnings) log.warn("bridge.config", { reason: warning });
await carryOut(command.value, config.value).catch((error: unknown) => {
  log.error("bridge.broken", { reason: reasonOf(error) });
  process.exit(1);
});
