import path from "node:path";
import { importJWK, SignJWT, type JWK } from "jose";
import { makeDevKeys } from "../../scripts/dev-keys.ts";

const DEV_VARS = path.resolve(import.meta.dirname, "../../.dev.vars");

/** An access token of an admin of the deployment, for an edge with the keys of development. */
export async function staffToken(): Promise<string> {
  const { AUTH_SIGNING_KEYS = "" } = await makeDevKeys(DEV_VARS);
  const { keys } = JSON.parse(AUTH_SIGNING_KEYS) as { keys: JWK[] }; // makeDevKeys wrote it
  const [key = {}] = keys;
  return new SignJWT({ name: "Staff", role: "admin" })
    .setProtectedHeader({ alg: "EdDSA", kid: key.kid ?? "", typ: "JWT" })
    .setSubject("staff")
    .setIssuer("parley")
    .setAudience("parley")
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(await importJWK(key, "EdDSA"));
}
