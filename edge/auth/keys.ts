import { createLocalJWKSet, importJWK, type CryptoKey, type JWTVerifyGetKey } from "jose";
import type { SigningKey } from "../config.ts";

/** Ready keys of one deployment: the first one signs, all of them verify, so that a rotation overlaps. */
interface KeyRing {
  signer: { kid: string; alg: SigningKey["alg"]; key: CryptoKey | Uint8Array };
  verifier: JWTVerifyGetKey;
  algorithms: SigningKey["alg"][];
}

type Keys = readonly [SigningKey, ...SigningKey[]];

const rings = new WeakMap<Keys, Promise<KeyRing>>();

export function keyRing(keys: Keys): Promise<KeyRing> {
  const ring = rings.get(keys) ?? openKeyRing(keys);
  rings.set(keys, ring);
  return ring;
}

/** What `/.well-known/jwks.json` publishes: no private part. */
export function publicKeys(keys: readonly SigningKey[]) {
  return keys.map(({ d: _private, ...key }) => ({ ...key, use: "sig" }));
}

async function openKeyRing(keys: Keys): Promise<KeyRing> {
  const [first] = keys;
  return {
    signer: { kid: first.kid, alg: first.alg, key: await importJWK(first) },
    verifier: createLocalJWKSet({ keys: publicKeys(keys) }),
    algorithms: [...new Set(keys.map(({ alg }) => alg))],
  };
}
