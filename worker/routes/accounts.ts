import { refusal } from "../../protocol/error-codes.ts";
import { parseUserId } from "../../protocol/ids.ts";
import type { Contract } from "../api/contract.ts";
import { route, type Route } from "../api/route.ts";
import {
  credentialsSchema,
  loginBody,
  meSchema,
  refreshBody,
  registration,
} from "../api/schemas/account.ts";
import type { Account } from "../../edge/auth/account-store.ts";
import { accountsIn, accountsOf } from "../../edge/auth/accounts.ts";
import { hashPassword } from "../auth/password.ts";
import { credentials, logIn, signIn, slowDownRegistration } from "../auth/sign-in.ts";
import { requireNotSuspended } from "../../edge/auth/suspensions.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";

/** Bare answers, as the contract says of `/auth`. */
const open = {
  method: "post",
  tag: "accounts",
  access: "open",
  bare: true,
} as const satisfies Partial<Contract>;

export const accounts: readonly Route[] = [
  route(
    {
      ...open,
      path: "/auth/register",
      summary: "Make an account and sign in",
      body: registration,
      answer: credentialsSchema,
      statuses: [201],
      refusals: ["ALREADY_EXISTS", "NOT_FOUND"],
    },
    async ({ c, body: { password, ...person } }) => {
      await slowDownRegistration(c);
      const { store } = accountsOf(c.env, c.var.config);
      const account: Account = {
        userId: accept(parseUserId(crypto.randomUUID())),
        matricule: person.matricule,
        name: person.name,
        email: person.email ?? null,
        role: "user",
      };
      const passwordHash = await hashPassword(password);
      if (!(await store.add(account, passwordHash, Date.now()))) {
        throw new RefusedError(
          refusal("ALREADY_EXISTS", "this matricule or email address is taken"),
        );
      }
      return { data: await signIn(c, { account, passwordHash }) };
    },
  ),
  route(
    {
      ...open,
      path: "/auth/login",
      summary: "Sign in by matricule or email address",
      body: loginBody,
      answer: credentialsSchema,
      statuses: [200],
      refusals: ["INVALID_CREDENTIALS", "FORBIDDEN", "NOT_FOUND"],
    },
    async ({ c, body }) => {
      const who = "email" in body ? body.email : body.matricule;
      return { data: await signIn(c, await logIn(c, who, body.password)) };
    },
  ),
  route(
    {
      ...open,
      path: "/auth/refresh",
      summary: "Exchange a refresh token for the next one and a new access token",
      body: refreshBody,
      answer: credentialsSchema,
      statuses: [200],
      refusals: ["INVALID_TOKEN", "FORBIDDEN", "NOT_FOUND"],
    },
    async ({ c, body }) => {
      const { store, refreshTokens } = accountsOf(c.env, c.var.config);
      const rotated = await refreshTokens.rotate(body.refreshToken, Date.now());
      const account = rotated === null ? null : await store.find(rotated.userId);
      if (rotated === null || account === null) {
        throw new RefusedError(refusal("INVALID_TOKEN", "the refresh token is not valid any more"));
      }
      await requireNotSuspended(c.env, account.userId);
      return { data: await credentials(c, account, rotated.refreshToken) };
    },
  ),
  route(
    {
      ...open,
      path: "/auth/logout",
      summary: "End the sign-in that a refresh token belongs to",
      body: refreshBody,
      statuses: [204],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, body }) => {
      await accountsOf(c.env, c.var.config).refreshTokens.revoke(body.refreshToken);
      return { data: undefined };
    },
  ),
  route(
    {
      method: "get",
      path: "/auth/me",
      summary: "The own account",
      tag: "accounts",
      access: "user",
      answer: meSchema,
      bare: true,
      statuses: [200],
    },
    async ({ c, me: { userId, matricule, name, role } }) => {
      const account = (await accountsIn(c.env, c.var.config)?.store.find(userId)) ?? null;
      return { data: { user: account ?? { userId, matricule, name, email: null, role } } };
    },
  ),
];
