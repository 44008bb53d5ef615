import { exports } from "cloudflare:workers";
import { createLocalJWKSet, generateKeyPair, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { api, problem, refusalOf, register } from "./support/api.ts";
import { foundGroup } from "./support/conversations.ts";
import { FrameSocket, upgraded } from "./support/frame-socket.ts";
import { lastingFrames } from "../support/frame-queue.ts";
import { mintToken, withHeader } from "./support/tokens.ts";

const me = (token: string) => api("GET", "/auth/me", { token });

describe("the key set", () => {
  test("verifies what the edge signs, and holds no private part", async () => {
    const { accessToken, user } = await register();
    const jwks = await api("GET", "/.well-known/jwks.json");
    expect(JSON.stringify(jwks.body)).not.toContain('"d"');
    const keys = createLocalJWKSet(jwks.body as { keys: [] }); // jose checks the shape itself
    const { payload } = await jwtVerify(accessToken, keys);
    expect(payload.sub).toBe(user.userId);
  });
});

/** Tokens that must not open anything, with what they are answered. */
const BAD_TOKENS: [string, () => Promise<string>, string][] = [
  ["expired", () => mintToken("alice", { expiresIn: -3_600 }), "TOKEN_EXPIRED"],
  [
    "forged",
    async () => mintToken("alice", { key: (await generateKeyPair("EdDSA")).privateKey }),
    "INVALID_TOKEN",
  ],
  ["of another issuer", () => mintToken("alice", { issuer: "elsewhere" }), "INVALID_TOKEN"],
  ["for another audience", () => mintToken("alice", { audience: "elsewhere" }), "INVALID_TOKEN"],
  [
    "with alg none",
    async () => withHeader(await mintToken("alice"), { alg: "none" }),
    "INVALID_TOKEN",
  ],
  [
    "with alg none in capitals",
    async () => withHeader(await mintToken("alice"), { alg: "NONE" }),
    "INVALID_TOKEN",
  ],
  ["signed with the public key as a shared secret", () => hs256WithPublicKey(), "INVALID_TOKEN"],
  ["with one letter of its claims changed", () => tampered(), "INVALID_TOKEN"],
  ["of an empty user", () => mintToken(""), "INVALID_TOKEN"],
  ["of a user id too long", () => mintToken("u".repeat(201)), "INVALID_TOKEN"],
  ["that is no token", async () => "nonsense", "INVALID_TOKEN"],
];

async function hs256WithPublicKey(): Promise<string> {
  const { body } = await api("GET", "/.well-known/jwks.json");
  const secret = new TextEncoder().encode(JSON.stringify(body));
  const key = await crypto.subtle.importKey(
    "raw",
    secret,
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const unsigned = withHeader(await mintToken("alice"), { alg: "HS256", kid: "dev" }).slice(0, -1);
  const signature = new Uint8Array(
    await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(unsigned)),
  );
  return `${unsigned}.${signature.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

async function tampered(): Promise<string> {
  const [header = "", payload = "", signature = ""] = (await mintToken("alice")).split(".");
  const claims = atob(payload.replaceAll("-", "+").replaceAll("_", "/")).replaceAll(
    "alice",
    "alicf",
  );
  return `${header}.${btoa(claims).replaceAll("=", "")}.${signature}`;
}

describe("a token", () => {
  test("that is good opens the door, and is who it says", async () => {
    expect((await me(await mintToken("alice"))).body).toMatchObject({ user: { userId: "alice" } });
  });

  test.each(BAD_TOKENS)("%s is refused by REST", async (_name, token, code) => {
    const answer = await me(await token());
    expect(refusalOf(answer)).toEqual(problem(401, code));
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  test.each(BAD_TOKENS)(
    "[AUTH-3] %s is refused by a socket with its code, once and for all unless expired",
    async (_name, token, code) => {
      const { id } = await foundGroup(["alice"]);
      const socket = await dial(id, {
        "sec-websocket-protocol": `parley.v1, bearer.${await token()}`,
      });
      expect(await socket.next("error")).toMatchObject({ code });
      const close = code === "TOKEN_EXPIRED" ? CLOSE_CODES.tokenExpired : CLOSE_CODES.invalidToken;
      expect(await socket.closed).toBe(close);
    },
  );

  test("[AUTH-2] is taken from the subprotocol, the query or the header", async () => {
    const { id } = await foundGroup(["alice"]);
    const token = await mintToken("alice");
    const places = [
      dial(id, { "sec-websocket-protocol": `parley.v1, bearer.${token}` }),
      dial(id, {}, `?token=${token}`),
      dial(id, { authorization: `Bearer ${token}` }),
    ];
    for (const socket of await Promise.all(places)) {
      socket.socket.send('{"type":"hello","version":1}');
      expect(await socket.next("welcome")).toMatchObject({ userId: "alice" });
    }
  });
});

describe("a socket", () => {
  test("[AUTH-3] without a token, of a stranger, or of nothing is refused with the contract's codes", async () => {
    const { id } = await foundGroup(["alice"]);
    const stranger = { authorization: `Bearer ${await mintToken("mallory")}` };
    const refusals = [
      [await dial(id, {}), "INVALID_TOKEN", CLOSE_CODES.invalidToken],
      [await dial(id, stranger), "NOT_FOUND", CLOSE_CODES.notFound],
      [await dial(crypto.randomUUID(), stranger), "NOT_FOUND", CLOSE_CODES.notFound],
      [await dial("not_an_id_at_all", stranger), "NOT_FOUND", CLOSE_CODES.notFound],
    ] as const;
    for (const [socket, code, close] of refusals) {
      expect(await socket.next("error")).toMatchObject({ code });
      expect(await socket.closed).toBe(close);
    }
    expect(refusals[1][0].texts).toEqual(refusals[2][0].texts);
  });

  test("[AUTH-1] cannot claim a user by the header that the worker itself sets", async () => {
    const { id } = await foundGroup(["alice"]);
    const token = await mintToken("mallory");
    const socket = await dial(id, { authorization: `Bearer ${token}`, "x-parley-user": "alice" });
    expect(await socket.next("error")).toMatchObject({ code: "NOT_FOUND" });
  });

  test("is not opened by a plain request", async () => {
    const { id } = await foundGroup(["alice"]);
    const answer = await api("GET", `/conversations/${id}/socket`, {
      token: await mintToken("alice"),
    });
    expect(refusalOf(answer)).toEqual(problem(426, "UPGRADE_REQUIRED"));
  });
});

async function dial(conversationId: string, headers: Record<string, string>, query = "") {
  const url = `https://edge.test/conversations/${conversationId}/socket${query}`;
  const answer = await exports.default.fetch(url, {
    headers: { upgrade: "websocket", ...headers },
  });
  return new FrameSocket(upgraded(answer), lastingFrames);
}
