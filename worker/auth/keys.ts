import { createLocalJWKSet, importJWK, type JWTVerifyGetKey } from "jose";
import type { Config, SigningKey } from "../config.ts";

/** Ready keys of one deployment: the first one signs, all of them verify, so that a rotation overlaps. */
export interface KeyRing {
  signer: { kid: string; alg: SigningKey["alg"]; key: Awaited<ReturnType<typeof importJWK>> };
  verifier: JWTVerifyGetKey;
  algorithms: SigningKey["alg"][];
}

const rings = new WeakMap<Config, Promise<KeyRing>>();

export function keyRing(config: Config): Promise<KeyRing> {
  const ring = rings.get(config) ?? openKeyRing(config.AUTH_SIGNING_KEYS);
  rings.set(config, ring);
  return ring;
}

/** What `/.well-known/jwks.json` publishes: no private part. */
export function publicKeys(keys: readonly SigningKey[]) {
  return keys.map(({ d: _private, ...key }) => ({ ...key, use: "sig" }));
}

async function openKeyRing(keys: Config["AUTH_SIGNING_KEYS"]): Promise<KeyRing> {
  const [first] = keys;
  return {
    signer: { kid: first.kid, alg: first.alg, key: await importJWK(first) },
    verifier: createLocalJWKSet({ keys: publicKeys(keys) }),
    algorithms: [...new Set(keys.map(({ alg }) => alg))],
  };
}
