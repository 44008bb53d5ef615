import type { Context } from "hono";
import { refusal } from "../../protocol/error-codes.ts";
import type { App } from "../hono.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import { bearerOf } from "./bearer.ts";
import { equalSecrets } from "../../edge/auth/equal-secrets.ts";

/**
 * Lets only the bridge through. Without a secret no bridge is expected, and its doors are not there. While a secret is
 * being replaced the previous one opens as well: first the edge gets both, then the bridge the new one.
 */
export async function requireBridge(c: Context<App>): Promise<void> {
  const { BRIDGE_SECRET: present, BRIDGE_SECRET_PREVIOUS: previous } = c.var.config;
  if (present === undefined)
    throw new RefusedError(refusal("NOT_FOUND", "no bridge is configured"));
  const given = bearerOf(c.req.raw.headers);
  const isKnown =
    given !== null &&
    ((await equalSecrets(given, present)) ||
      (previous !== undefined && (await equalSecrets(given, previous))));
  if (!isKnown) throw new RefusedError(refusal("INVALID_TOKEN", "the bridge's secret is wrong"));
}
