import { Hono } from "hono";
import * as v from "valibot";
import { refusal } from "../../protocol/error-codes.ts";
import { heartbeatSchema } from "../../protocol/heartbeat.ts";
import { sinkNameSchema } from "../../protocol/outbox-frames.ts";
import { requireBridge } from "../auth/bridge-secret.ts";
import { readBody } from "../body.ts";
import { bridgeStates } from "../calls/bridge-states.ts";
import type { App } from "../hono.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import { isUpgrade } from "../sockets/socket-door.ts";

/** All sinks of a bridge, by name; few, since every conversation keeps a cursor for each. */
const sinksSchema = v.pipe(
  v.string(),
  v.transform((text) => text.split(",")),
  v.array(sinkNameSchema),
  v.maxLength(8),
);

/** The bridge's doors: how many shards there are, each one's socket, and how the bridge is. Rules OBX-1 and OBX-10. */
export const internalOutbox = new Hono<App>()
  .get("/", async (c) => {
    await requireBridge(c);
    return c.json({ shards: c.var.config.OUTBOX_SHARDS });
  })
  .post("/heartbeat", async (c) => {
    await requireBridge(c);
    await bridgeStates(c.env).heartbeat(await readBody(c, heartbeatSchema));
    return c.body(null, 204);
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
