import { toBase64Url } from "../auth/base64-url.ts";

/** Of data by its bytes. Weak, since the envelope around the same data has a time and an id of its own. */
export async function entityTag(data: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(data));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return weakTag(toBase64Url(digest.subarray(0, TAG_BYTES)));
}

export function weakTag(version: string): string {
  return `W/"${version}"`;
}

/** `If-None-Match` compares weakly. Source: RFC 9110, section 13.1.2. */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((given) => given.trim() === tag || given.trim() === "*");
}

/** 128 bits: two states of one resource never share a tag. */
const TAG_BYTES = 16;
