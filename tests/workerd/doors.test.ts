import { env } from "cloudflare:workers";
import { exportSPKI, generateKeyPair, importJWK, SignJWT, type JWK } from "jose";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { makeSigningKeys } from "../../scripts/dev-keys.ts";
import { configOf } from "../../edge/config.ts";
import type { Env } from "../../edge/env.ts";
import { api } from "./support/api.ts";
import { DOORS } from "./support/doors.ts";
import { Issuer } from "./support/issuer.ts";
import { adminToken, mintToken, withHeader } from "./support/tokens.ts";

/** Tokens of one deployment by what is wrong with them, and what every door has to say of each. */
interface Case {
  deployment: Env;
  tokens: Readonly<Record<string, [token: string, verdict: string]>>;
}

const OPEN = "open";
const INVALID = "INVALID_TOKEN";
const HOUR_AGO = Math.floor(Date.now() / 1_000) - 3_600;
/** A key set that was looked at is not looked at again before. */
const FETCH_AGAIN_MS = 5_000;

const utf8 = (text: string) => new TextEncoder().encode(text);
const signShared = (claims: object, secret: Uint8Array, header = {}) =>
  new SignJWT({ exp: HOUR_AGO + 7_200, ...claims })
    .setProtectedHeader({ alg: "HS256", ...header })
    .sign(secret);
const named = { iss: env.AUTH_ISSUER, aud: env.AUTH_AUDIENCE };

async function suspended(): Promise<string> {
  const userId = `suspended-${crypto.randomUUID()}`;
  const token = await adminToken();
  const body = { seconds: 3_600, reason: "spam" };
  await api("PUT", `/admin/suspensions/${userId}`, { token, body });
  return userId;
}

async function ownAccounts(): Promise<Case> {
  const { issuer } = configOf(env);
  if (issuer.type !== "own") throw new Error("the tests' deployment keeps accounts");
  const [jwk] = issuer.keys;
  // the deployment has rotated: its own key stands second, and signs for as long as it does
  const fresh: { keys: object[] } = JSON.parse(await makeSigningKeys());
  const both = JSON.stringify({ keys: [...fresh.keys, jwk] });
  const retired = await generateKeyPair("EdDSA");
  const good = await mintToken("alice");
  return {
    deployment: { ...env, AUTH_SIGNING_KEYS: both },
    tokens: {
      good: [good, OPEN],
      forged: [await mintToken("alice", { key: retired.privateKey }), INVALID],
      expired: [await mintToken("alice", { expiresIn: -3_600 }), "TOKEN_EXPIRED"],
      "of another issuer": [await mintToken("alice", { issuer: "elsewhere" }), INVALID],
      "for another audience": [await mintToken("alice", { audience: "elsewhere" }), INVALID],
      "signed with the public key as a secret": [
        await signShared({ sub: "alice", ...named }, publicBytes(jwk), { kid: jwk.kid }),
        INVALID,
      ],
      none: [withHeader(good, { alg: "none" }), INVALID],
      "of a key that nobody knows": [
        withHeader(good, { alg: jwk.alg, kid: "unknown" }, good.split(".")[2]),
        INVALID,
      ],
      "of somebody suspended": [await mintToken(await suspended()), "FORBIDDEN"],
    },
  };
}

/** What an attacker has of the key: its public half. */
function publicBytes({ x }: { x: string }): Uint8Array {
  return Uint8Array.fromBase64(x, { alphabet: "base64url" });
}

async function rotatedAway(): Promise<Case> {
  const good = await mintToken("alice");
  return {
    deployment: { ...env, AUTH_SIGNING_KEYS: await makeSigningKeys() },
    tokens: { "of the key before": [good, INVALID] },
  };
}

async function keySet(): Promise<Case> {
  const issuer = new Issuer(crypto.randomUUID());
  const { deployment, sign } = issuer;
  const me = (token: string) => api("GET", "/auth/me", { token, env: deployment });
  const old = await sign({ sub: "alice" });
  expect((await me(old)).status).toBe(200);
  await issuer.rotate();
  const good = await sign({ sub: "alice" });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + FETCH_AGAIN_MS + 1 });
  expect((await me(good)).status).toBe(200);
  vi.useRealTimers();
  const [key] = (await issuer.keySet()).keys;
  if (key === undefined) throw new Error("an issuer has a key");
  const pem = await exportSPKI((await importJWK(key as JWK, "RS256")) as CryptoKey);
  return {
    // the secret for ids of Socket.IO sessions has nowhere else to come from
    deployment: { ...deployment, GATEWAY_SECRET: crypto.randomUUID() },
    tokens: {
      good: [good, OPEN],
      "of the key before": [old, INVALID],
      forged: [await new Issuer(crypto.randomUUID()).sign({ sub: "alice" }), INVALID],
      "under a known key's id": [
        withHeader(old, { alg: "RS256", kid: key.kid }, old.split(".")[2]),
        INVALID,
      ],
      expired: [await sign({ sub: "alice", exp: HOUR_AGO }), "TOKEN_EXPIRED"],
      "of another issuer": [await sign({ sub: "alice", iss: "elsewhere" }), INVALID],
      "for another audience": [await sign({ sub: "alice", aud: "elsewhere" }), INVALID],
      "signed with the public key as a secret": [
        await signShared({ sub: "alice", ...named }, utf8(pem), { kid: key.kid }),
        INVALID,
      ],
      none: [withHeader(good, { alg: "none" }), INVALID],
      "of the accounts kept here": [await mintToken("alice"), INVALID],
      "of somebody suspended": [await sign({ sub: await suspended() }), "FORBIDDEN"],
    },
  };
}

async function sharedSecret(): Promise<Case> {
  const JWT_SECRET = "the secret of auth-user-service";
  const sign = (claims: object, secret = JWT_SECRET) =>
    signShared({ id: "alice", iss: "auth", aud: "chat", ...claims }, utf8(secret));
  const good = await sign({});
  const { privateKey } = await generateKeyPair("RS256");
  const asymmetric = new SignJWT({ id: "alice", iss: "auth", aud: "chat" })
    .setProtectedHeader({ alg: "RS256" })
    .setExpirationTime("1h");
  return {
    deployment: { ...env, JWT_SECRET, JWT_ISSUER: "auth", JWT_AUDIENCE: "chat" },
    tokens: {
      good: [good, OPEN],
      forged: [await sign({}, "another secret of sixteen"), INVALID],
      expired: [await sign({ exp: HOUR_AGO }), "TOKEN_EXPIRED"],
      "of another issuer": [await sign({ iss: "elsewhere" }), INVALID],
      "for another audience": [await sign({ aud: "elsewhere" }), INVALID],
      "of another algorithm": [await asymmetric.sign(privateKey), INVALID],
      none: [withHeader(good, { alg: "none" }), INVALID],
      "of the accounts kept here": [await mintToken("alice"), INVALID],
      "of somebody suspended": [await sign({ id: await suspended() }), "FORBIDDEN"],
    },
  };
}

async function apiKeys(): Promise<Case> {
  const token = await adminToken();
  const made = async () => {
    const { data } = await api("POST", "/admin/api-keys", { token, body: { name: "Bot" } });
    return { keyId: String(data["keyId"]), key: String(data["apiKey"]) };
  };
  const [good, gone] = [await made(), await made()];
  await api("DELETE", `/admin/api-keys/${gone.keyId}`, { token });
  return {
    deployment: env,
    tokens: {
      good: [good.key, OPEN],
      revoked: [gone.key, INVALID],
      "with another one's secret": [good.key.replace(good.keyId, gone.keyId), INVALID],
      "of the right shape alone": [`parley_${"0".repeat(32)}_${"A".repeat(43)}`, INVALID],
    },
  };
}

const DEPLOYMENTS = {
  "accounts kept here": ownAccounts,
  "accounts kept here, their key replaced": rotatedAway,
  "an organisation's key set": keySet,
  "auth-user-service's secret": sharedSecret,
  "API keys": apiKeys,
};

describe.each(Object.entries(DEPLOYMENTS))("tokens of %s", (_name, prepare) => {
  let prepared: Case;
  beforeAll(async () => {
    prepared = await prepare();
  });

  test.each(DOORS)("$name", async ({ isLenient, knock }) => {
    const { deployment, tokens } = prepared;
    const [verdicts, wanted]: Record<string, string>[] = [{}, {}];
    for (const [kind, [token, verdict]] of Object.entries(tokens)) {
      Object.assign(verdicts ?? {}, { [kind]: await knock(deployment, token) });
      Object.assign(wanted ?? {}, { [kind]: isLenient && verdict !== OPEN ? INVALID : verdict });
    }
    expect(verdicts).toEqual(wanted);
  });
});
