import { readConfig } from "./config.ts";
import { createLog, reasonOf } from "./log.ts";
import { migrate } from "./migrate.ts";
import { runBridge } from "./run.ts";
import { secretsOf } from "./secrets.ts";

/** `bridge` carries events until it is stopped; `bridge migrate` brings topics and indexes into shape, and ends. */

const COMMANDS = { run: runBridge, migrate };

const config = readConfig(process.env);
const secrets = config.ok ? secretsOf(config.value) : [];
const log = createLog((line) => process.stdout.write(`${line}\n`), Date.now, secrets);
const [name = "run"] = process.argv.slice(2);
const command = name === "run" || name === "migrate" ? COMMANDS[name] : null;
if (command === null || !config.ok) {
  const reason = config.ok
    ? `no command ${name}; there are ${Object.keys(COMMANDS).join(", ")}`
    : config.error;
  log.error("bridge.config", { reason });
  process.exit(1);
}
for (const warning of config.value.warnings) log.warn("bridge.config", { reason: warning });
await command(config.value, log).catch((error: unknown) => {
  log.error("bridge.broken", { reason: reasonOf(error) });
  process.exit(1);
});
