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

const configSchema = v.object({
  OUTBOX_SHARDS: wholeNumber(1, 4_096),
  AUTH_ISSUER: v.string(),
  AUTH_AUDIENCE: v.string(),
  ACCESS_TOKEN_TTL_S: wholeNumber(30, 86_400),
  CORS_ORIGINS: list,
  AUTH_SIGNING_KEYS: v.pipe(
    v.string(),
    v.parseJson(),
    v.object({ keys: v.tupleWithRest([signingKey], signingKey) }),
    v.transform(({ keys }) => keys),
  ),
  BRIDGE_SECRET: v.optional(v.pipe(v.string(), v.minLength(16))),
});
export type Config = v.InferOutput<typeof configSchema>;

/** The deployment is wrong, and no request can be served until it is mended. Names the variables, never their values. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "UNAVAILABLE";
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
  const names = new Set(parsed.issues.map((issue) => v.getDotPath(issue)?.split(".")[0]));
  throw new ConfigError(
    `missing or wrong: ${[...names].join(", ")} (npm run dev:setup writes development secrets)`,
  );
}
