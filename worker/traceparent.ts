import type { Context } from "hono";
import { readTraceparent } from "../protocol/trace-context.ts";
import type { App } from "./hono.ts";

/** The trace that this request is part of, if its client says so. Rule TRC-1. */
export function traceparentOf(c: Context<App>): string | undefined {
  return readTraceparent(c.req.header("traceparent"));
}
