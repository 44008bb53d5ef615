import type { Context } from "hono";
import { isOwnMatricule } from "../../core/person-name.ts";
import { refusal } from "../../protocol/error-codes.ts";
import type { Access } from "../api/contract.ts";
import type { App } from "../hono.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";
import type { Principal, TokenHolder } from "../../edge/auth/principal.ts";
import { accountsIn } from "../../edge/auth/accounts.ts";
import { bearerOf } from "./bearer.ts";
import { verifyToken } from "../../edge/auth/verify-token.ts";

/** Roles of the deployment, not of a conversation, that may call a route. */
const ROLES_WITH = {
  open: null,
  user: null,
  staff: ["service", "admin"],
  admin: ["admin"],
} as const satisfies Record<Access, readonly string[] | null>;

/**
 * Who asks. Out of the route when nobody valid does (401), or somebody whose role is not enough (403); both say which
 * role is.
 */
export async function authenticate(c: Context<App>, access: Access = "user"): Promise<TokenHolder> {
  const roles: readonly string[] | null = ROLES_WITH[access];
  const needed = roles === null ? "" : ` of the role ${roles.join(" or ")}`;
  const token = bearerOf(c.req.raw.headers);
  if (token === null) {
    throw new RefusedError(refusal("INVALID_TOKEN", `a bearer token${needed} is needed`));
  }
  const holder = await inRoleOfNow(c, accept(await verifyToken(c.env, c.var.config, token)));
  if (roles === null || roles.includes(holder.role)) return holder;
  throw new RefusedError(
    refusal("FORBIDDEN", `a bearer token${needed} is needed; yours is of another role`),
  );
}

/**
 * A token outlives a role by minutes, in which a former admin could give it back to himself. So an admin's account is
 * asked, where there is one; nobody else's is, since no other role of a token can be taken away.
 */
async function inRoleOfNow(c: Context<App>, holder: TokenHolder): Promise<TokenHolder> {
  if (holder.role !== "admin") return holder;
  const account = await accountsIn(c.env, c.var.config)?.store.find(holder.userId);
  return account == null ? holder : { ...holder, role: account.role };
}

/** A payload may repeat who sends it, but never say otherwise. */
export function requireSame(principal: Principal, claimed: string | undefined): void {
  if (claimed === undefined) return;
  if (claimed === principal.userId || isOwnMatricule(principal.matricule, claimed)) return;
  throw new RefusedError(refusal("INVALID_TOKEN", "the sender is not the one of the token"));
}
