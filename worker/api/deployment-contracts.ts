import * as v from "valibot";
import type { ByteContract } from "./contract.ts";
import {
  detailedHealthSchema,
  healthSchema,
  keySetSchema,
  partHealthSchema,
} from "./schemas/deployment.ts";

const part = {
  method: "get",
  tag: "deployment",
  access: "open",
  answer: partHealthSchema,
  bare: true,
  statuses: [200],
} as const satisfies Omit<ByteContract, "path" | "summary">;

/** What a deployment says of itself. Served by hand; tests/workerd/route-table.test.ts holds it to this. */
export const DEPLOYMENT_CONTRACTS: readonly ByteContract[] = [
  {
    ...part,
    path: "/health",
    summary: "Whether the edge serves, and how what it leans on is",
    answer: healthSchema,
  },
  { ...part, path: "/health/kafka", summary: "Kafka, as the bridge last said" },
  { ...part, path: "/health/mongodb", summary: "MongoDB, as the bridge last said" },
  { ...part, path: "/health/redis", summary: "What stands in for Redis" },
  {
    ...part,
    path: "/health/detailed",
    summary: "Versions, shards and their sinks",
    access: "admin",
    answer: detailedHealthSchema,
  },
  {
    ...part,
    path: "/.well-known/jwks.json",
    summary: "Keys that access tokens are signed with",
    answer: keySetSchema,
  },
  {
    ...part,
    path: "/openapi.json",
    summary: "This description",
    answer: v.looseObject({ openapi: v.string() }),
  },
  { ...part, path: "/docs", summary: "This description, for people", bytes: "text/html" },
];
