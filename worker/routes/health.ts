import { Hono, type Context } from "hono";
import { bridgeHealth, partHealth, type PartHealth } from "../../core/bridging/reports.ts";
import { callWithin } from "../../edge/calls/call.ts";
import { API_VERSION } from "../api/openapi.ts";
import { authenticate } from "../auth/authenticate.ts";
import { bridgeStates } from "../calls/bridge-states.ts";
import type { App } from "../hono.ts";
import type { Env } from "../../edge/env.ts";

const ANSWER_TIMEOUT_MS = 3_000;
const HEALTHY = { status: "healthy" };
const REDIS = { status: "not_applicable", replacedBy: "durable-objects" };
const DISABLED: PartHealth = { status: "disabled", fault: null, ageS: null, lagMs: null };
const UNKNOWN: PartHealth = { status: "error", fault: "unknown", ageS: null, lagMs: null };

/** 200 while the edge serves; what it leans on is named beside, as the bridge's last heartbeat has it. */
export const health = new Hono<App>()
  .get("/", async (c) => {
    const [storage, { bridge, kafka, mongodb }] = await Promise.all([
      accountsState(c.env),
      partsBehindBridge(c),
    ]);
    const parts = [storage, bridge.status, kafka.status, mongodb.status];
    return c.json({
      status: parts.some(isTroubled) ? "degraded" : "healthy",
      timestamp: new Date().toISOString(),
      version: API_VERSION,
      services: {
        edge: HEALTHY,
        durableObjects: HEALTHY,
        websocket: HEALTHY,
        storage: { status: storage },
        bridge,
        kafka,
        mongodb,
        redis: REDIS,
      },
    });
  })
  .get("/kafka", async (c) => one(c, "Kafka", "kafka"))
  .get("/mongodb", async (c) => one(c, "MongoDB", "mongodb"))
  .get("/redis", (c) => c.json({ service: "Redis", ...REDIS, timestamp: new Date().toISOString() }))
  .get("/detailed", async (c) => {
    await authenticate(c, "admin");
    const { OUTBOX_SHARDS } = c.var.config;
    const shards = await Promise.all(
      Array.from({ length: OUTBOX_SHARDS }, async (_, shard) => ({
        shard,
        sinks: await c.env.OUTBOX.getByName(String(shard)).state(),
      })),
    );
    return c.json({
      status: "healthy",
      timestamp: new Date().toISOString(),
      version: API_VERSION,
      storage: { status: await accountsState(c.env) },
      bridge: await bridgeStates(c.env).reports(),
      shards,
    });
  });

async function one(c: Context<App>, service: string, sink: "kafka" | "mongodb") {
  const parts = await partsBehindBridge(c);
  return c.json({
    service,
    ...parts[sink],
    timestamp: new Date().toISOString(),
  });
}

async function partsBehindBridge({ env, var: { config } }: Context<App>) {
  if (config.BRIDGE_SECRET === undefined)
    return { bridge: DISABLED, kafka: DISABLED, mongodb: DISABLED };
  try {
    const reports = await callWithin(ANSWER_TIMEOUT_MS, bridgeStates(env).reports());
    const now = Date.now();
    return {
      bridge: bridgeHealth(reports, now),
      kafka: partHealth(reports["kafka"], now),
      mongodb: partHealth(reports["mongodb"], now),
    };
  } catch {
    return { bridge: UNKNOWN, kafka: UNKNOWN, mongodb: UNKNOWN };
  }
}

function isTroubled(status: string): boolean {
  return status === "degraded" || status === "error";
}

async function accountsState(env: Env): Promise<"healthy" | "disabled" | "error"> {
  if (env.DB === undefined) return "disabled";
  try {
    await env.DB.prepare("SELECT 1 FROM user LIMIT 1").first();
    return "healthy";
  } catch {
    return "error";
  }
}
