import type { Context } from "hono";
import type { UserId } from "../protocol/ids.ts";
import { clientMessageIdSchema } from "../protocol/message.ts";
import { hashText } from "../edge/auth/hash-text.ts";
import { parse } from "../edge/parse.ts";
import type { App } from "./hono.ts";

/** For the contract of a route that reads the key. */
export const IDEMPOTENCY = {
  "idempotency-key": "The same key again answers the first outcome",
} as const;

/** What makes a repeat of this request the same change; a key nobody else has when the client gives none. */
export function idempotencyKey(c: Context<App>): string {
  const header = c.req.header("idempotency-key");
  return header === undefined ? crypto.randomUUID() : parse(clientMessageIdSchema, header);
}

/** A name for what this request makes, fit to be a group id: drawn, or with a key the same one for every repeat of this user. */
export async function idOfMade(c: Context<App>, userId: UserId): Promise<string> {
  if (c.req.header("idempotency-key") === undefined) return crypto.randomUUID();
  const name = await hashText(JSON.stringify([userId, idempotencyKey(c)]));
  return name.replaceAll("_", "-");
}
