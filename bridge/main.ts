import { runBackfill, runVerify } from "./audit/audit-commands.ts";
import { readCommand, USAGE, type Command } from "./command-line.ts";
import { readConfig, type BridgeConfig } from "./config.ts";
import { createLog, reasonOf } from "./log.ts";
import { migrate } from "./migrate.ts";
import { runBridge } from "./run.ts";
import { secretsOf } from "./secrets.ts";
import { endWrongCall } from "./wrong-call.ts";

/**
 * `bridge` carries events until it is stopped. `bridge migrate` brings topics and indexes into shape, `bridge backfill`
 * sends logs again, `bridge verify` compares them with the archive; these end by themselves.
 */

const command = readCommand(process.argv.slice(2));
if (!command.ok) endWrongCall(command.error, USAGE);
if (command.value.name === "help") {
  console.log(USAGE);
  process.exit(0);
}
const config = readConfig(process.env);
const secrets = config.ok ? secretsOf(config.value) : [];
const log = createLog((line) => process.stdout.write(`${line}\n`), Date.now, secrets);

function carryOut(
  command: Exclude<Command, { name: "help" }>,
  config: BridgeConfig,
): Promise<void> {
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

if (!config.ok) {
  log.error("bridge.config", { reason: config.error });
  process.exit(1);
}
for (const warning of config.value.warnings) log.warn("bridge.config", { reason: warning });
await carryOut(command.value, config.value).catch((error: unknown) => {
  log.error("bridge.broken", { reason: reasonOf(error) });
  process.exit(1);
});
