import { networkInterfaces } from "node:os";
import { Workerd } from "../support/workerd.ts";

/** What the official protocol tests expect. */
const HASTY = { pingIntervalMs: 300, pingTimeoutMs: 200 };
/** What the reference server announces; the object may sleep between pings. */
export const CALM = { pingIntervalMs: 25_000, pingTimeoutMs: 20_000 };

/** The echo worker on plain workerd; a free port when none is named. */
export async function startEchoGateway(
  options: { port?: number; pings?: typeof CALM } = {},
): Promise<Workerd> {
  const { pingIntervalMs, pingTimeoutMs } = options.pings ?? HASTY;
  return Workerd.start({
    entry: "tests/echo-gateway/edge/worker.ts",
    objects: { ECHO_ENGINE: "EchoEngine", ECHO_GATEWAY: "EchoGateway" },
    text: {
      SESSION_SECRET: crypto.randomUUID(),
      PING_INTERVAL_MS: String(pingIntervalMs),
      PING_TIMEOUT_MS: String(pingTimeoutMs),
    },
    // the official protocol tests say `localhost`
    ipv6: hasIpv6Loopback(),
    ...(options.port === undefined ? {} : { port: options.port }),
  });
}

export function hasIpv6Loopback(): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return addresses.some(({ address }) => address === "::1");
}
