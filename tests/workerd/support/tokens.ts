import { env } from "cloudflare:workers";
import { importJWK, SignJWT, type CryptoKey } from "jose";
import { configOf } from "../../../edge/config.ts";
import { toBase64Url } from "../../../edge/auth/base64-url.ts";

interface TokenOptions {
  claims?: Record<string, unknown>;
  issuer?: string;
  audience?: string;
  /** Seconds from now; negative for a token that has expired. */
  expiresIn?: number;
  /** Another key than the deployment's, under its key id. */
  key?: CryptoKey;
}

/** A token as the deployment would sign it, but for what the options say. */
export async function mintToken(userId: string, options: TokenOptions = {}): Promise<string> {
  const config = configOf(env);
  if (config.issuer.type !== "own") throw new Error("the tests' deployment keeps accounts");
  const [jwk] = config.issuer.keys;
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({ name: userId, role: "user", ...options.claims })
    .setProtectedHeader({ alg: jwk.alg, kid: jwk.kid })
    .setSubject(userId)
    .setIssuer(options.issuer ?? config.AUTH_ISSUER)
    .setAudience(options.audience ?? config.AUTH_AUDIENCE)
    .setIssuedAt(now)
    .setExpirationTime(now + (options.expiresIn ?? 900))
    .sign(options.key ?? (await importJWK(jwk)));
}

/** Of somebody who administers the deployment. */
export function adminToken(userId = "root"): Promise<string> {
  return mintToken(userId, { claims: { role: "admin" } });
}

/** The same claims under another header, with whatever signature is given. */
export function withHeader(token: string, header: object, signature = ""): string {
  const [, payload = ""] = token.split(".");
  const encoded = toBase64Url(new TextEncoder().encode(JSON.stringify(header)));
  return `${encoded}.${payload}.${signature}`;
}
