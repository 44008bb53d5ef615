import { toBase64Url } from "./base64-url.ts";

/** SHA-256, base64url. For what has entropy of its own or only needs a short name; passwords go elsewhere. */
export async function hashText(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return toBase64Url(new Uint8Array(digest));
}
