import { scrypt, timingSafeEqual } from "node:crypto";
import { fromBase64Url, toBase64Url } from "../../edge/auth/base64-url.ts";

/**
 * OWASP's scrypt setting for little memory: N = 2^14, r = 8, p = 5 takes 16 MiB, an eighth of an isolate, and as long as
 * its setting for 128 MiB. Source: OWASP Password Storage Cheat Sheet, scrypt.
 */
const COST = { N: 16_384, r: 8, p: 5 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const FORMAT = /^scrypt\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

/** `scrypt$<salt>$<key>`, both base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const key = await derive(password, salt);
  return `scrypt$${toBase64Url(salt)}$${toBase64Url(key)}`;
}

/** Takes the same time for an unknown user (null), so that an answer's time tells nothing. */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const [, salt, key] = FORMAT.exec(hash ?? "") ?? [];
  if (salt === undefined || key === undefined) {
    await derive(password, new Uint8Array(SALT_BYTES));
    return false;
  }
  const derived = await derive(password, fromBase64Url(salt));
  return timingSafeEqual(derived, fromBase64Url(key));
}

/** The same password typed on two keyboards may differ in composition; NFC makes them one. */
function derive(password: string, salt: Uint8Array): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  scrypt(password.normalize("NFC"), salt, KEY_BYTES, COST, (error, key) => {
    if (error === null) resolve(key);
    else reject(error);
  });
  return promise;
}
