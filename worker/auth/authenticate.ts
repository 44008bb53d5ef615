import type { Context } from "hono";
import { isOwnMatricule } from "../../core/person-name.ts";
import { refusal } from "../../protocol/error-codes.ts";
import type { Access } from "../api/contract.ts";
import type { App } from "../hono.ts";
import { accept, RefusedError } from "../refused-error.ts";
import type { Principal, TokenHolder } from "./access-token.ts";
import { bearerOf } from "./bearer.ts";
import { verifyToken } from "./verify-token.ts";

/** Who asks. Out of the route with 401 when nobody valid does. */
export async function authenticate(c: Context<App>): Promise<TokenHolder> {
  const token = bearerOf(c.req.raw.headers);
  if (token === null) throw new RefusedError(refusal("INVALID_TOKEN", "a bearer token is needed"));
  return accept(await verifyToken(c.env, c.var.config, token));
}

/** Roles of the deployment, not of a conversation, that may call a route. */
const ROLES_WITH = {
  open: null,
  user: null,
  staff: ["service", "admin"],
  admin: ["admin"],
} as const satisfies Record<Access, readonly string[] | null>;

export function requireRole({ role }: Principal, access: Access): void {
  const roles: readonly string[] | null = ROLES_WITH[access];
  if (roles === null || roles.includes(role)) return;
  throw new RefusedError(refusal("FORBIDDEN", "your role does not allow this"));
}

/** A payload may repeat who sends it, but never say otherwise. */
export function requireSame(principal: Principal, claimed: string | undefined): void {
  if (claimed === undefined) return;
  if (claimed === principal.userId || isOwnMatricule(principal.matricule, claimed)) return;
  throw new RefusedError(refusal("INVALID_TOKEN", "the sender is not the one of the token"));
}
