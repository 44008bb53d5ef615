import type { Context } from "hono";
import { refusal } from "../../protocol/error-codes.ts";
import type { App } from "../hono.ts";
import { accept, RefusedError } from "../refused-error.ts";
import { verifyAccessToken, type Principal } from "./access-token.ts";
import { bearerOf } from "./bearer.ts";

/** Who asks. Out of the route with 401 when nobody valid does. */
export async function authenticate(c: Context<App>): Promise<Principal> {
  const token = bearerOf(c.req.raw.headers);
  if (token === null) throw new RefusedError(refusal("INVALID_TOKEN", "a bearer token is needed"));
  return accept(await verifyAccessToken(c.var.config, token));
}

/** A payload may repeat who sends it, but never say otherwise. */
export function requireSame(principal: Principal, claimed: string | undefined): void {
  if (claimed === undefined) return;
  if (claimed === principal.userId || claimed === principal.matricule) return;
  throw new RefusedError(refusal("INVALID_TOKEN", "the sender is not the one of the token"));
}
