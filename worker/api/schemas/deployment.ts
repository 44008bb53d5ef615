import * as v from "valibot";
import { timeSchema } from "./ids.ts";

/** What a part is like; a part behind the bridge says more. */
const stateSchema = v.looseObject({ status: v.string() });

export const healthSchema = v.object({
  status: v.picklist(["healthy", "degraded"]),
  timestamp: timeSchema,
  version: v.string(),
  services: v.object({
    edge: stateSchema,
    durableObjects: stateSchema,
    storage: stateSchema,
    websocket: stateSchema,
    kafka: stateSchema,
    mongodb: stateSchema,
    redis: stateSchema,
    bridge: stateSchema,
  }),
});

export const partHealthSchema = v.looseObject({
  service: v.string(),
  status: v.string(),
  timestamp: timeSchema,
});

export const detailedHealthSchema = v.looseObject({
  status: v.string(),
  timestamp: timeSchema,
  version: v.string(),
  storage: stateSchema,
  bridge: v.record(v.string(), v.unknown()),
  shards: v.array(v.looseObject({ shard: v.number() })),
});

/** RFC 7517. */
export const keySetSchema = v.object({ keys: v.array(v.looseObject({ kty: v.string() })) });
