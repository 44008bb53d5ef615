import { Hono } from "hono";
import type { App } from "../hono.ts";
import type { Env } from "../env.ts";

const VERSION = "0.1.0";

/** 200 while the edge serves; what it leans on is named beside. */
export const health = new Hono<App>().get("/", async (c) => {
  const storage = await accountsState(c.env);
  const healthy = { status: "healthy" };
  return c.json({
    status: storage === "error" ? "degraded" : "healthy",
    timestamp: new Date().toISOString(),
    version: VERSION,
    services: {
      edge: healthy,
      durableObjects: healthy,
      websocket: healthy,
      storage: { status: storage },
      bridge: { status: c.var.config.BRIDGE_SECRET === undefined ? "disabled" : "configured" },
      redis: { status: "not_applicable", replacedBy: "durable-objects" },
    },
  });
});

async function accountsState(env: Env): Promise<"healthy" | "disabled" | "error"> {
  if (env.DB === undefined) return "disabled";
  try {
    await env.DB.prepare("SELECT 1 FROM user LIMIT 1").first();
    return "healthy";
  } catch {
    return "error";
  }
}
