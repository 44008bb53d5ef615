import * as v from "valibot";
import { sinkNameSchema } from "./outbox-frames.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** How one sink is. `fault` is one of the bridge's names for what is wrong; never a host, never a secret. */
export const sinkReportSchema = v.object({
  status: v.picklist(["starting", "healthy", "degraded"]),
  fault: v.nullable(v.pipe(v.string(), v.regex(/^[a-z]{1,20}$/))),
  /** Age of the oldest event that the bridge has in hand; ms. */
  lagMs: count,
  inHand: count,
  deadLetters: count,
  shards: v.object({ total: count, connected: count }),
});
export type SinkReport = v.InferOutput<typeof sinkReportSchema>;

/** What a bridge says of itself every few seconds, over `POST /internal/outbox/heartbeat`. Rule OBX-10. */
export const heartbeatSchema = v.object({
  /** Tells two bridges apart. */
  bridgeId: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  sinks: v.record(sinkNameSchema, sinkReportSchema),
});
export type Heartbeat = v.InferOutput<typeof heartbeatSchema>;

/** Between two heartbeats; ms. After three that are missing, nobody knows how the bridge is. */
export const HEARTBEAT_MS = 10_000;
