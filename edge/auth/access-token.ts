import { errors, jwtVerify, SignJWT, type JWTVerifyOptions, type JWTVerifyResult } from "jose";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { fail, type Result } from "../../protocol/result.ts";
import type { Config } from "../config.ts";
import { principalOf } from "./claims.ts";
import { keyRing } from "./keys.ts";
import { outsideKeySet } from "./outside-key-set.ts";
import type { Principal, TokenHolder } from "./principal.ts";

/** Clocks of issuer and edge may differ by this much. */
const CLOCK_TOLERANCE_S = 30;
/** What a key set may be used with: no algorithm whose key is a shared secret. */
const KEY_PAIR_ALGORITHMS = ["EdDSA", "ES256", "ES384", "PS256", "PS384", "RS256", "RS384"];

export async function signAccessToken(config: Config, user: Principal): Promise<string> {
  const { issuer } = config;
  if (issuer.type !== "own") throw new Error("another system issues the tokens");
  const { signer } = await keyRing(issuer.keys);
  return new SignJWT({ name: user.name, matricule: user.matricule ?? undefined, role: user.role })
    .setProtectedHeader({ alg: signer.alg, kid: signer.kid, typ: "JWT" })
    .setSubject(user.userId)
    .setIssuer(config.AUTH_ISSUER)
    .setAudience(config.AUTH_AUDIENCE)
    .setIssuedAt()
    .setJti(crypto.randomUUID())
    .setExpirationTime(`${config.ACCESS_TOKEN_TTL_S}s`)
    .sign(signer.key);
}

/** Reads a JWT: `TOKEN_EXPIRED` for one that was good, `INVALID_TOKEN` for anything else. */
export async function verifyAccessToken(
  config: Config,
  token: string,
): Promise<Result<TokenHolder, Refusal>> {
  try {
    const { payload } = await verified(config, token);
    return principalOf(config, payload);
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      return fail(refusal("TOKEN_EXPIRED", "the token has expired"));
    }
    if (error instanceof errors.JOSEError) return fail(INVALID_TOKEN);
    throw error;
  }
}

export const INVALID_TOKEN: Refusal = refusal("INVALID_TOKEN", "the token is not valid here");

/** Each issuer with its own algorithms: a key of one kind is never tried with an algorithm of another. */
async function verified(config: Config, token: string): Promise<JWTVerifyResult> {
  const { issuer } = config;
  const common: JWTVerifyOptions = {
    requiredClaims: ["exp"],
    clockTolerance: CLOCK_TOLERANCE_S,
  };
  const named = { ...common, issuer: config.AUTH_ISSUER, audience: config.AUTH_AUDIENCE };
  switch (issuer.type) {
    case "own": {
      const { verifier, algorithms } = await keyRing(issuer.keys);
      return jwtVerify(token, verifier, { ...named, algorithms });
    }
    case "keySet": {
      const algorithms = KEY_PAIR_ALGORITHMS;
      return jwtVerify(token, outsideKeySet(issuer.url), { ...named, algorithms });
    }
    case "secret":
      return jwtVerify(token, issuer.secret, {
        ...common,
        algorithms: ["HS256"],
        ...(config.JWT_ISSUER === undefined ? {} : { issuer: config.JWT_ISSUER }),
        ...(config.JWT_AUDIENCE === undefined ? {} : { audience: config.JWT_AUDIENCE }),
      });
  }
}
