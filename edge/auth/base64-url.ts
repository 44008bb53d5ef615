const BASE64_URL = { alphabet: "base64url", omitPadding: true } as const;

export function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64(BASE64_URL);
}

/** Throws on anything else than base64url. */
export function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}
