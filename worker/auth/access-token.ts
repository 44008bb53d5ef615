import { errors, jwtVerify, SignJWT } from "jose";
import * as v from "valibot";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { parseUserId, type UserId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Config } from "../config.ts";
import { keyRing } from "./keys.ts";

/** Who a request comes from, by its token alone. */
export interface Principal {
  userId: UserId;
  name: string;
  matricule: string | null;
  role: string;
}

/** A principal whose token was read just now; it is good until `expiresAt`, epoch ms. */
export type TokenHolder = Principal & { expiresAt: number };

/** Clocks of issuer and edge may differ by this much. */
const CLOCK_TOLERANCE_S = 30;

const claimsSchema = v.object({
  sub: v.string(),
  name: v.optional(v.string()),
  matricule: v.optional(v.string()),
  role: v.optional(v.string(), "user"),
  exp: v.number(),
});

export async function signAccessToken(config: Config, user: Principal): Promise<string> {
  const { signer } = await keyRing(config);
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

/** Reads a token: `TOKEN_EXPIRED` for one that was good, `INVALID_TOKEN` for anything else. */
export async function verifyAccessToken(
  config: Config,
  token: string,
): Promise<Result<TokenHolder, Refusal>> {
  const { verifier, algorithms } = await keyRing(config);
  try {
    const { payload } = await jwtVerify(token, verifier, {
      algorithms,
      issuer: config.AUTH_ISSUER,
      audience: config.AUTH_AUDIENCE,
      requiredClaims: ["sub", "exp"],
      clockTolerance: CLOCK_TOLERANCE_S,
    });
    return principalOf(payload);
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      return fail(refusal("TOKEN_EXPIRED", "the token has expired"));
    }
    if (error instanceof errors.JOSEError) return fail(INVALID);
    throw error;
  }
}

const INVALID = refusal("INVALID_TOKEN", "the token is not valid here");

function principalOf(payload: unknown): Result<TokenHolder, Refusal> {
  const claims = v.safeParse(claimsSchema, payload);
  const userId = parseUserId(claims.success ? claims.output.sub : undefined);
  if (!claims.success || !userId.ok) return fail(INVALID);
  const { name, matricule, role, exp } = claims.output;
  return ok({
    userId: userId.value,
    name: name ?? matricule ?? userId.value,
    matricule: matricule ?? null,
    role,
    expiresAt: exp * 1_000,
  });
}
