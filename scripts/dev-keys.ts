import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { exportJWK, generateKeyPair } from "jose";

/** Only its owner may read a file of secrets. */
const OWNER_ONLY = 0o600;

/** The secrets of development, by name; made and added to the file for those it has not. */
export async function makeDevKeys(file: string): Promise<NodeJS.Dict<string>> {
  const text = await readFile(file, "utf8").catch(() => "");
  const present = parseEnv(text);
  const added: Record<string, string> = {};
  for (const [name, make] of Object.entries(SECRETS)) {
    if (present[name] === undefined) added[name] = await make();
  }
  const lines = Object.entries(added).map(([name, value]) => `${name}='${value}'\n`);
  if (lines.length > 0) {
    const separator = text === "" || text.endsWith("\n") ? "" : "\n";
    await writeFile(file, `${text}${separator}${lines.join("")}`, { mode: OWNER_ONLY });
  }
  return { ...present, ...added };
}

const SECRETS = {
  AUTH_SIGNING_KEYS: makeSigningKeys,
  BRIDGE_SECRET: randomSecret,
  FILE_URL_SECRET: randomSecret,
};

async function randomSecret(): Promise<string> {
  return randomBytes(32).toString("base64url");
}

/** A private JWK set of one fresh key, as the worker takes it. */
export async function makeSigningKeys(): Promise<string> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const kid = randomBytes(8).toString("base64url");
  return JSON.stringify({ keys: [{ ...(await exportJWK(privateKey)), kid, alg: "EdDSA" }] });
}
