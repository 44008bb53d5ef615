import { timingSafeEqual } from "node:crypto";

/** Compares in a time that tells nothing of either, not even their lengths. */
export async function equalSecrets(given: string, expected: string): Promise<boolean> {
  const [one, other] = await Promise.all([digest(given), digest(expected)]);
  return timingSafeEqual(one, other);
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
