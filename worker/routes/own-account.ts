import { refusal } from "../../protocol/error-codes.ts";
import { route, type Route } from "../api/route.ts";
import { accountPatch, meSchema, onSignIn, signInsSchema } from "../api/schemas/account.ts";
import { accountsOf } from "../../edge/auth/accounts.ts";
import { hashPassword } from "../auth/password.ts";
import { confirmPassword } from "../auth/sign-in.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { RefusedError } from "../../edge/refused-error.ts";

export const ownAccount: readonly Route[] = [
  route(
    {
      method: "patch",
      path: "/auth/me",
      summary: "Change the own name, address or password; a new password ends every sign-in",
      tag: "accounts",
      access: "user",
      body: accountPatch,
      answer: meSchema,
      bare: true,
      statuses: [200],
      refusals: ["INVALID_CREDENTIALS", "NOT_FOUND", "ALREADY_EXISTS"],
    },
    async ({ c, me: { userId }, body }) => {
      const { store, refreshTokens } = accountsOf(c.env, c.var.config);
      const { name, email, newPassword, currentPassword } = body;
      if (currentPassword !== undefined) await confirmPassword(c, userId, currentPassword);
      const passwordHash = newPassword === undefined ? undefined : await hashPassword(newPassword);
      const change = {
        ...(name === undefined ? {} : { name }),
        ...(email === undefined ? {} : { email }),
        ...(passwordHash === undefined ? {} : { passwordHash }),
      };
      const endings =
        passwordHash === undefined ? [] : refreshTokens.endAllBefore(userId, passwordHash);
      const changed = await store.change(userId, change, endings);
      const account = await store.find(userId);
      if (account === null) throw new RefusedError(refusal("NOT_FOUND", "no such account"));
      if (!changed) {
        throw new RefusedError(refusal("ALREADY_EXISTS", "this email address is taken"));
      }
      return { data: { user: account } };
    },
  ),
  route(
    {
      method: "get",
      path: "/auth/sessions",
      summary: "Where one is signed in",
      tag: "accounts",
      access: "user",
      answer: signInsSchema,
      bare: true,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me: { userId } }) => {
      const found = await accountsOf(c.env, c.var.config).refreshTokens.signIns(userId);
      const signIns = found.map(({ startedAt, usedAt, ...signIn }) => ({
        ...signIn,
        startedAt: isoTime(startedAt),
        usedAt: isoTime(usedAt),
      }));
      return { data: { signIns } };
    },
  ),
  route(
    {
      method: "delete",
      path: "/auth/sessions/:signInId",
      summary: "End one of the own sign-ins; its access token runs out by itself",
      tag: "accounts",
      access: "user",
      params: onSignIn,
      statuses: [204],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me: { userId }, params: { signInId } }) => {
      const ended = await accountsOf(c.env, c.var.config).refreshTokens.end(userId, signInId);
      if (!ended) throw new RefusedError(refusal("NOT_FOUND", "no such sign-in"));
      return { data: undefined };
    },
  ),
];
