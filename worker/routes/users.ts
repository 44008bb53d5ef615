import { Hono } from "hono";
import * as v from "valibot";
import { refusal } from "../../protocol/error-codes.ts";
import { enveloped } from "../answer.ts";
import type { Account, AccountCursor } from "../auth/account-store.ts";
import { accountsOf } from "../auth/accounts.ts";
import { authenticate } from "../auth/authenticate.ts";
import { readQuery } from "../body.ts";
import type { App } from "../hono.ts";
import { RefusedError } from "../refused-error.ts";

const PAGE = 20;

const cursorSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.tuple([v.string(), v.string()]),
  v.transform(([name, userId]): AccountCursor => ({ name, userId })),
);
const search = v.object({
  q: v.optional(v.pipe(v.string(), v.trim(), v.maxLength(100)), ""),
  cursor: v.optional(cursorSchema),
});

/** The directory: who can be written to. */
export const users = new Hono<App>()
  .get("/", async (c) => {
    await authenticate(c);
    const { q, cursor } = readQuery(c, search);
    const found = await accountsOf(c.env).store.search(q, PAGE + 1, cursor ?? null);
    const page = found.slice(0, PAGE);
    const last = found.length > PAGE ? page.at(-1) : undefined;
    const nextCursor = last === undefined ? null : JSON.stringify([last.name, last.userId]);
    return enveloped(c, { users: page.map(profile), nextCursor });
  })
  .get("/:userId", async (c) => {
    await authenticate(c);
    const account = await accountsOf(c.env).store.find(c.req.param("userId"));
    if (account === null) throw new RefusedError(refusal("NOT_FOUND", "no such user"));
    return enveloped(c, profile(account));
  });

/** What others may see of an account. */
function profile({ userId, matricule, name }: Account) {
  return { userId, matricule, name };
}
