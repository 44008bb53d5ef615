/** Both are part of every JavaScript runtime this code meets; only the language's own type library leaves them out. */
declare function atob(text: string): string;
declare function btoa(text: string): string;

/** Characters given to `String.fromCharCode` at once: argument lists far longer overflow the stack. */
const CHUNK = 8_192;

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(text);
}

/** Null for anything else than base64. */
export function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0));
  } catch {
    return null;
  }
}
