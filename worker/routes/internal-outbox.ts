import { Hono, type Context } from "hono";
import * as v from "valibot";
import { refusal } from "../../protocol/error-codes.ts";
import { sinkNameSchema } from "../../protocol/outbox-frames.ts";
import { bearerOf } from "../auth/bearer.ts";
import { equalSecrets } from "../auth/equal-secrets.ts";
import type { App } from "../hono.ts";
import { RefusedError } from "../refused-error.ts";
import { isUpgrade } from "../socket-door.ts";

/** All sinks of a bridge, by name; few, since every conversation keeps a cursor for each. */
const sinksSchema = v.pipe(
  v.string(),
  v.transform((text) => text.split(",")),
  v.array(sinkNameSchema),
  v.maxLength(8),
);

/** The bridge's two doors: how many shards there are, and each one's socket. Rule OBX-1. */
export const internalOutbox = new Hono<App>()
  .get("/", async (c) => {
    await requireBridge(c);
    return c.json({ shards: c.var.config.OUTBOX_SHARDS });
  })
  .get("/:shard/socket", async (c) => {
    await requireBridge(c);
    const shard = c.req.param("shard");
    if (!/^(0|[1-9][0-9]{0,3})$/.test(shard) || Number(shard) >= c.var.config.OUTBOX_SHARDS) {
      throw new RefusedError(refusal("NOT_FOUND", "no such shard"));
    }
    if (!isUpgrade(c.req.raw))
      throw new RefusedError(refusal("UPGRADE_REQUIRED", "this is a WebSocket"));
    const sinks = v.safeParse(sinksSchema, c.req.query("sinks"));
    const sink = c.req.query("sink");
    if (!sinks.success || sink === undefined || !sinks.output.includes(sink)) {
      throw new RefusedError(refusal("INVALID_DATA", "sink is not one of sinks"));
    }
    const headers = {
      upgrade: "websocket",
      "x-parley-shard": shard,
      "x-parley-sink": sink,
      "x-parley-sinks": sinks.output.join(","),
    };
    return c.env.OUTBOX.getByName(shard).fetch("https://outbox/socket", { headers });
  });

/** Without a secret no bridge is expected, and the doors are not there. */
async function requireBridge(c: Context<App>): Promise<void> {
  const { BRIDGE_SECRET } = c.var.config;
  if (BRIDGE_SECRET === undefined)
    throw new RefusedError(refusal("NOT_FOUND", "no bridge is configured"));
  const given = bearerOf(c.req.raw.headers);
  if (given === null || !(await equalSecrets(given, BRIDGE_SECRET))) {
    throw new RefusedError(refusal("INVALID_TOKEN", "the bridge's secret is wrong"));
  }
}
