import { Hono, type Context } from "hono";
import * as v from "valibot";
import { refusal } from "../../protocol/error-codes.ts";
import { parseUserId } from "../../protocol/ids.ts";
import { signAccessToken } from "../auth/access-token.ts";
import type { Account } from "../auth/account-store.ts";
import { accountsOf } from "../auth/accounts.ts";
import { authenticate } from "../auth/authenticate.ts";
import { hashPassword, verifyPassword } from "../auth/password.ts";
import { readBody } from "../body.ts";
import type { App } from "../hono.ts";
import { accept, RefusedError } from "../refused-error.ts";

const matricule = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9._-]{3,64}$/, "is 3 to 64 of letters, digits, . _ -"),
);
const password = v.pipe(v.string(), v.minLength(8), v.maxLength(128));
const email = v.pipe(v.string(), v.maxLength(254), v.email());
const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100));
const refreshToken = v.pipe(v.string(), v.minLength(1), v.maxLength(128));

const registration = v.object({ matricule, password, name, email: v.optional(email) });
/** A wrong form of login or password is a wrong login, not a hint about the rules. */
const login = v.union([
  v.object({ matricule: v.string(), password: v.string() }),
  v.object({ email: v.string(), password: v.string() }),
]);
const refresh = v.object({ refreshToken });

const LOGIN_MAX_CHARS = 254;
const PASSWORD_MAX_CHARS = 128;

/** Bare answers, as the contract says of `/auth`. */
export const accounts = new Hono<App>()
  .post("/register", async (c) => {
    const { password: secret, ...person } = await readBody(c, registration);
    const { store } = accountsOf(c.env);
    const account: Account = {
      userId: accept(parseUserId(crypto.randomUUID())),
      matricule: person.matricule,
      name: person.name,
      email: person.email ?? null,
      role: "user",
    };
    if (!(await store.add(account, await hashPassword(secret), Date.now()))) {
      throw new RefusedError(refusal("ALREADY_EXISTS", "this matricule or email address is taken"));
    }
    return c.json(await signIn(c, account), 201);
  })
  .post("/login", async (c) => {
    const body = await readBody(c, login);
    const { store } = accountsOf(c.env);
    const who = "email" in body ? body.email : body.matricule;
    const found = who.length > LOGIN_MAX_CHARS ? null : await store.findLogin(who);
    const secret = body.password.slice(0, PASSWORD_MAX_CHARS + 1);
    const verified = await verifyPassword(secret, found?.passwordHash ?? null);
    if (found === null || !verified) {
      throw new RefusedError(refusal("INVALID_CREDENTIALS", "matricule or password is wrong"));
    }
    return c.json(await signIn(c, found.account));
  })
  .post("/refresh", async (c) => {
    const body = await readBody(c, refresh);
    const { store, refreshTokens } = accountsOf(c.env);
    const rotated = await refreshTokens.rotate(body.refreshToken, Date.now());
    const account = rotated === null ? null : await store.find(rotated.userId);
    if (rotated === null || account === null) {
      throw new RefusedError(refusal("INVALID_TOKEN", "the refresh token is not valid any more"));
    }
    return c.json(await credentials(c, account, rotated.refreshToken));
  })
  .post("/logout", async (c) => {
    const body = await readBody(c, refresh);
    await accountsOf(c.env).refreshTokens.revoke(body.refreshToken);
    return c.body(null, 204);
  })
  .get("/me", async (c) => {
    const me = await authenticate(c);
    const account = c.env.DB === undefined ? null : await accountsOf(c.env).store.find(me.userId);
    return c.json({ user: account ?? { ...me, email: null } });
  });

async function signIn(c: Context<App>, account: Account) {
  const token = await accountsOf(c.env).refreshTokens.issue(account.userId, Date.now());
  return credentials(c, account, token);
}

async function credentials(c: Context<App>, account: Account, token: string) {
  return {
    user: account,
    accessToken: await signAccessToken(c.var.config, account),
    refreshToken: token,
    expiresIn: c.var.config.ACCESS_TOKEN_TTL_S,
  };
}
