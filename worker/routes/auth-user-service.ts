import { splitName } from "../../core/person-name.ts";
import { route, type Route } from "../api/route.ts";
import {
  legacyLogin,
  legacyLoginSchema,
  legacyUserSchema,
  validateBody,
} from "../api/schemas/account.ts";
import { signAccessToken } from "../../edge/auth/access-token.ts";
import type { Principal } from "../../edge/auth/principal.ts";
import { logIn } from "../auth/sign-in.ts";
import { verifyToken } from "../../edge/auth/verify-token.ts";
import { accept } from "../../edge/refused-error.ts";

/** The paths of nGomna's auth-user-service. Unlike there, a login needs the password. */
export const authUserService: readonly Route[] = [
  route(
    {
      method: "post",
      path: "/login",
      summary: "auth-user-service: sign in, for an access token alone",
      tag: "accounts",
      access: "open",
      body: legacyLogin,
      answer: legacyLoginSchema,
      bare: true,
      statuses: [200],
      refusals: ["INVALID_CREDENTIALS", "FORBIDDEN", "NOT_FOUND"],
    },
    async ({ c, body }) => {
      const { account } = await logIn(c, body.matricule, body.password);
      const token = await signAccessToken(c.var.config, account);
      return { data: { user: legacyUser(account), token } };
    },
  ),
  route(
    {
      method: "post",
      path: "/validate",
      summary: "auth-user-service: who a token belongs to",
      tag: "accounts",
      access: "open",
      body: validateBody,
      answer: legacyUserSchema,
      bare: true,
      statuses: [200],
      refusals: ["INVALID_TOKEN", "TOKEN_EXPIRED", "FORBIDDEN"],
    },
    async ({ c, body: { token } }) => {
      const holder = accept(await verifyToken(c.env, c.var.config, token));
      return { data: legacyUser(holder) };
    },
  ),
];

function legacyUser({ userId, matricule, name }: Principal) {
  return { id: userId, matricule, ...splitName(name) };
}
