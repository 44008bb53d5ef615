import { Bridge } from "./bridge.ts";
import { readConfig } from "./config.ts";
import { Edge } from "./edge.ts";
import { serveHealth } from "./health-server.ts";
import { createLog, reasonOf } from "./log.ts";
import { createSinks } from "./sinks.ts";

/** Less than the 10 s that process managers wait before they kill; ms. */
const STOP_GRACE_MS = 8_000;

const log = createLog((line) => process.stdout.write(`${line}\n`), Date.now);
const config = readConfig(process.env);
if (!config.ok) {
  log.error("bridge.config", { reason: config.error });
  process.exit(1);
}
const { edgeUrl, secret, bounds, disabled, healthPort, warnings } = config.value;
for (const warning of warnings) log.warn("bridge.config", { reason: warning });

const bridge = new Bridge({
  edge: new Edge(edgeUrl, secret),
  sinks: createSinks(config.value, log, Math.random),
  bounds,
  log,
  random: Math.random,
  now: Date.now,
});
const health = await serveHealth(healthPort, disabled, () => bridge.health());
log.info("bridge.started", {
  edge: edgeUrl.origin,
  healthPort: health.port,
  sinks: config.value.sinks.map(({ type }) => type).join(","),
  disabled: disabled.join(","),
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    log.info("bridge.stopping", { signal });
    await bridge
      .stop(STOP_GRACE_MS)
      .catch((error: unknown) => log.warn("bridge.stop", { reason: reasonOf(error) }));
    process.exit(0);
  });
}
bridge.start();
await bridge.stopped.catch((error: unknown) => {
  log.error("bridge.broken", { reason: reasonOf(error) });
  process.exit(1);
});
