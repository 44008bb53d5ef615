import * as v from "valibot";
import { refusal } from "../../protocol/error-codes.ts";
import { route, type Route } from "../api/route.ts";
import {
  profilePageSchema,
  profileWithPresenceSchema,
  userSearch,
} from "../api/schemas/account.ts";
import { onUser } from "../api/schemas/ids.ts";
import type { Account, AccountCursor } from "../../edge/auth/account-store.ts";
import { accountsOf } from "../../edge/auth/accounts.ts";
import { cursorOf, placeOf } from "../../edge/answers/cursor.ts";
import { presencesOf } from "../calls/presence.ts";
import { RefusedError } from "../../edge/refused-error.ts";

const PAGE = 20;

const place = v.pipe(
  v.tuple([v.string(), v.string()]),
  v.transform(([name, userId]): AccountCursor => ({ name, userId })),
);

/** The directory: who can be written to. */
export const users: readonly Route[] = [
  route(
    {
      method: "get",
      path: "/users",
      summary: "People by the beginning of a name or a matricule",
      tag: "users",
      access: "user",
      query: userSearch,
      answer: profilePageSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, query: { q, cursor } }) => {
      const after = cursor === undefined ? null : placeOf(cursor, place);
      const found = await accountsOf(c.env, c.var.config).store.search(q, PAGE + 1, after);
      const page = found.slice(0, PAGE);
      const last = found.length > PAGE ? page.at(-1) : undefined;
      const nextCursor = last === undefined ? null : cursorOf([last.name, last.userId]);
      return { data: { users: page.map(profile), nextCursor } };
    },
  ),
  route(
    {
      method: "get",
      path: "/users/:userId",
      summary: "One person, with presence when one shares a conversation with them",
      tag: "users",
      access: "user",
      params: onUser,
      answer: profileWithPresenceSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { userId } }) => {
      const account = await accountsOf(c.env, c.var.config).store.find(userId);
      if (account === null) throw new RefusedError(refusal("NOT_FOUND", "no such user"));
      const [presence = null] = await presencesOf(c.env, me.userId, [account.userId]);
      const { online, lastSeen } = presence ?? {};
      const seen = online === undefined || lastSeen === undefined ? null : { online, lastSeen };
      return { data: { ...profile(account), presence: seen } };
    },
  ),
];

/** What others may see of an account. */
function profile({ userId, matricule, name }: Account) {
  return { userId, matricule, name };
}
