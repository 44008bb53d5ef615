import { env } from "cloudflare:workers";
import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { makeSigningKeys } from "../../scripts/dev-keys.ts";
import type { Env } from "../../edge/env.ts";
import { api, problem, refusalOf } from "./support/api.ts";
import { Issuer } from "./support/issuer.ts";
import { mintToken, withHeader } from "./support/tokens.ts";

const FETCH_AGAIN_MS = 5_000;

const me = (token: string, deployment: Env) => api("GET", "/auth/me", { token, env: deployment });

describe("the own keys", () => {
  const keysOf = (text: string): unknown[] => JSON.parse(text).keys;

  test("rotate with an overlap: tokens of the old key hold as long as it stands second", async () => {
    const old = env.AUTH_SIGNING_KEYS ?? "";
    const fresh = await makeSigningKeys();
    const both = JSON.stringify({ keys: [...keysOf(fresh), ...keysOf(old)] });
    const token = await mintToken("alice");
    expect((await me(token, { ...env, AUTH_SIGNING_KEYS: both })).status).toBe(200);
    expect(refusalOf(await me(token, { ...env, AUTH_SIGNING_KEYS: fresh }))).toEqual(
      problem(401, "INVALID_TOKEN"),
    );
  });
});

describe("an organisation's key set", () => {
  const issuer = () => new Issuer(crypto.randomUUID());
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  test("opens the door to whom it names, by the claims that were configured", async () => {
    const { deployment, sign } = issuer();
    const token = await sign({ sub: "u-7", name: "Ada", employee: 42, group: "admin" });
    const named = { ...deployment, CLAIMS_MATRICULE: "employee", CLAIMS_ROLE: "group" };
    expect((await me(token, named)).body).toEqual({
      user: { userId: "u-7", name: "Ada", matricule: "42", email: null, role: "admin" },
    });
  });

  test("is fetched once for many tokens, and again after a rotation", async () => {
    const { deployment, sign, rotate, fetches } = issuer();
    for (const sub of ["a", "b", "c"]) {
      expect((await me(await sign({ sub }), deployment)).status).toBe(200);
    }
    expect(await fetches()).toBe(1);
    const old = await sign({ sub: "a" });
    await rotate();
    const fresh = await sign({ sub: "a" });
    expect(refusalOf(await me(fresh, deployment))).toEqual(problem(401, "INVALID_TOKEN"));
    vi.setSystemTime(Date.now() + FETCH_AGAIN_MS + 1);
    expect((await me(fresh, deployment)).status).toBe(200);
    expect(refusalOf(await me(old, deployment))).toEqual(problem(401, "INVALID_TOKEN"));
    expect(await fetches()).toBe(2);
  });

  test.each<[string, object, string]>([
    ["expired", { exp: 1 }, "TOKEN_EXPIRED"],
    ["of another issuer", { iss: "elsewhere" }, "INVALID_TOKEN"],
    ["for another audience", { aud: "elsewhere" }, "INVALID_TOKEN"],
    ["without an end", { exp: undefined }, "INVALID_TOKEN"],
    ["of nobody", { sub: undefined }, "INVALID_TOKEN"],
  ])("refuses a token %s", async (_name, claims, code) => {
    const { deployment, sign } = issuer();
    const token = await sign({ sub: "a", ...claims });
    expect(refusalOf(await me(token, deployment))).toEqual(problem(401, code));
  });

  test("refuses a public key that was used as a shared secret, `none`, and this edge's own tokens", async () => {
    const { deployment, sign, keySet } = issuer();
    const token = await sign({ sub: "a" });
    const { keys } = await keySet();
    const secret = new TextEncoder().encode(JSON.stringify(keys[0]));
    const confused = await new SignJWT({ sub: "a", iss: "parley", aud: "parley" })
      .setProtectedHeader({ alg: "HS256", kid: keys[0]?.kid ?? "" })
      .setExpirationTime("1h")
      .sign(secret);
    const none = withHeader(token, { alg: "none" });
    for (const bad of [confused, none, await mintToken("alice")]) {
      expect(refusalOf(await me(bad, deployment))).toEqual(problem(401, "INVALID_TOKEN"));
    }
    expect((await me(token, deployment)).status).toBe(200);
  });

  test("that cannot be had is UNAVAILABLE, not a verdict on the token", async () => {
    const { deployment, sign } = issuer();
    const token = await sign({ sub: "a" });
    const broken = { ...deployment, AUTH_JWKS_URL: `${inject("issuerUrl")}/broken/nothing` };
    expect(refusalOf(await me(token, broken))).toEqual(problem(503, "UNAVAILABLE"));
  });

  test("has no accounts here, and no keys to publish", async () => {
    const { deployment } = issuer();
    const body = { matricule: "abc", password: "12345678" };
    const answer = await api("POST", "/auth/login", { body, env: deployment });
    expect(refusalOf(answer)).toEqual(problem(404, "NOT_FOUND"));
    const jwks = await api("GET", "/.well-known/jwks.json", { env: deployment });
    expect(jwks.body).toEqual({ keys: [] });
  });
});

describe("the secret of auth-user-service", () => {
  const JWT_SECRET = "nGomna's shared secret";
  const deployment: Env = { ...env, JWT_SECRET };

  const sign = (claims: Record<string, unknown>, secret = JWT_SECRET) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode(secret));

  test.each([
    [{ sub: "s", id: "i", userId: "u" }, "s"],
    [{ id: "i", userId: "u" }, "i"],
    [{ id: 42 }, "42"],
    [{ userId: "u" }, "u"],
  ])("the claims %j are the user %s", async (claims, userId) => {
    const token = await sign({ ...claims, matricule: "M1", nom: "Lovelace", prenom: "Ada" });
    expect((await me(token, deployment)).body).toMatchObject({
      user: { userId, matricule: "M1", name: "Ada Lovelace", role: "user" },
    });
    const body = { token };
    expect((await api("POST", "/validate", { body, env: deployment })).body).toEqual({
      id: userId,
      matricule: "M1",
      nom: "Lovelace",
      prenom: "Ada",
    });
  });

  test("refuses another secret, this edge's own tokens, and a token without an end", async () => {
    const endless = await new SignJWT({ id: "i" })
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(JWT_SECRET));
    for (const bad of [
      await sign({ id: "i" }, "another shared secret"),
      await mintToken("alice"),
      withHeader(await sign({ id: "i" }), { alg: "none" }),
      endless,
    ]) {
      expect(refusalOf(await me(bad, deployment))).toEqual(problem(401, "INVALID_TOKEN"));
    }
  });

  test("with an issuer and an audience that are configured asks for both", async () => {
    const strict = { ...deployment, JWT_ISSUER: "auth", JWT_AUDIENCE: "chat" };
    expect((await me(await sign({ id: "i" }), strict)).status).toBe(401);
    expect((await me(await sign({ id: "i", iss: "auth", aud: "chat" }), strict)).status).toBe(200);
  });

  test("and a key set at once are no deployment", async () => {
    const both = { ...deployment, AUTH_JWKS_URL: "https://issuer.test/jwks.json" };
    expect(refusalOf(await me(await sign({ id: "i" }), both))).toEqual(problem(503, "UNAVAILABLE"));
  });
});
