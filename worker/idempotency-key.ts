import type { Context } from "hono";
import { clientMessageIdSchema } from "../protocol/message.ts";
import { parse } from "./body.ts";
import type { App } from "./hono.ts";

/** What makes a repeat of this request the same change; a key nobody else has when the client gives none. */
export function idempotencyKey(c: Context<App>): string {
  const header = c.req.header("idempotency-key");
  return header === undefined ? crypto.randomUUID() : parse(clientMessageIdSchema, header);
}
