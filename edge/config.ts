import * as v from "valibot";
import type { Env } from "./env.ts";

const list = v.pipe(
  v.string(),
  v.transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  ),
);
const wholeNumber = (min: number, max: number) =>
  v.pipe(v.string(), v.regex(/^[0-9]+$/), v.transform(Number), v.minValue(min), v.maxValue(max));

const signingKey = v.object({
  kid: v.string(),
  alg: v.picklist(["EdDSA", "ES256"]),
  kty: v.string(),
  crv: v.string(),
  x: v.string(),
  y: v.exactOptional(v.string()),
  d: v.string(),
});
export type SigningKey = v.InferOutput<typeof signingKey>;

/** Names of claims, the first one present wins. */
const claims = (names: string) => v.optional(list, names);

const environment = v.object({
  OUTBOX_SHARDS: wholeNumber(1, 4_096),
  /** Reports that make a message spam. */
  SPAM_REPORTS: v.optional(wholeNumber(1, 10_000), "1"),
  AUTH_ISSUER: v.string(),
  AUTH_AUDIENCE: v.string(),
  /** An organisation's key set; its tokens carry `AUTH_ISSUER` and `AUTH_AUDIENCE`. */
  AUTH_JWKS_URL: v.optional(v.pipe(v.string(), v.url())),
  /** The secret that auth-user-service signs with. Its tokens carry no issuer and no audience unless these are set. */
  JWT_SECRET: v.optional(v.pipe(v.string(), v.minLength(16))),
  JWT_ISSUER: v.optional(v.string()),
  JWT_AUDIENCE: v.optional(v.string()),
  CLAIMS_USER_ID: claims("sub,id,userId"),
  CLAIMS_NAME: claims("name"),
  CLAIMS_MATRICULE: claims("matricule"),
  CLAIMS_ROLE: claims("role"),
  ACCESS_TOKEN_TTL_S: wholeNumber(30, 86_400),
  CORS_ORIGINS: list,
  /** Of the accounts kept here: the first one signs. */
  AUTH_SIGNING_KEYS: v.optional(
    v.pipe(
      v.string(),
      v.parseJson(),
      v.object({ keys: v.tupleWithRest([signingKey], signingKey) }),
      v.transform(({ keys }) => keys),
    ),
  ),
  BRIDGE_SECRET: v.optional(v.pipe(v.string(), v.minLength(16))),
  /** Opens as well, while the secret is being replaced. */
  BRIDGE_SECRET_PREVIOUS: v.optional(v.pipe(v.string(), v.minLength(16))),
  GATEWAY_SECRET: v.optional(v.pipe(v.string(), v.minLength(16))),
});

const configSchema = v.pipe(
  environment,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const issuer = issuerOf(dataset.value);
    if (typeof issuer !== "string") return { ...dataset.value, issuer };
    addIssue({ message: issuer });
    return NEVER;
  }),
);

/** Who signs the tokens that open this deployment. */
export type Issuer =
  | { type: "own"; keys: readonly [SigningKey, ...SigningKey[]] }
  | { type: "keySet"; url: URL }
  | { type: "secret"; secret: Uint8Array };

function issuerOf(values: v.InferOutput<typeof environment>): Issuer | string {
  const { AUTH_JWKS_URL: url, JWT_SECRET: secret, AUTH_SIGNING_KEYS: keys } = values;
  if (url !== undefined && secret !== undefined) {
    return "AUTH_JWKS_URL and JWT_SECRET name two issuers";
  }
  if (url !== undefined) return { type: "keySet", url: new URL(url) };
  if (secret !== undefined) return { type: "secret", secret: new TextEncoder().encode(secret) };
  return keys === undefined ? "AUTH_SIGNING_KEYS is missing" : { type: "own", keys };
}

export type Config = v.InferOutput<typeof configSchema>;

/** The deployment is wrong, and no request can be served until it is mended. Names the variables, never their values. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "UNAVAILABLE";
}

/** What Gateways sign and name with: a secret of their own, or that of the tokens. Throws a `ConfigError`. */
export function gatewaySecretOf({ issuer, JWT_SECRET, GATEWAY_SECRET }: Config): string {
  const secret = GATEWAY_SECRET ?? (issuer.type === "own" ? issuer.keys[0].d : JWT_SECRET);
  if (secret === undefined) throw new ConfigError("missing: GATEWAY_SECRET");
  return secret;
}

const known = new WeakMap<Env, Config>();

/** The bindings' texts, parsed once per isolate. Throws a `ConfigError`. */
export function configOf(env: Env): Config {
  const config = known.get(env) ?? readConfig(env);
  known.set(env, config);
  return config;
}

function readConfig(env: Env): Config {
  const parsed = v.safeParse(configSchema, env);
  if (parsed.success) return parsed.output;
  const names = new Set(
    parsed.issues.map((issue) => v.getDotPath(issue)?.split(".")[0] ?? issue.message),
  );
  throw new ConfigError(
    `missing or wrong: ${[...names].join(", ")} (npm run dev:setup adds development secrets that .dev.vars lacks)`,
  );
}
