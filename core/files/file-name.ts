import { LIMITS } from "../../protocol/limits.ts";
import { utf8Length } from "../../protocol/utf8.ts";

const FALLBACK = "file";
/** Names that Windows opens as devices, whatever follows the dot. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;
/** What is kept of a name that is too long: an extension of this many characters, dot included. */
const EXTENSION = /\.[^.]{1,15}$/u;

/**
 * A name that is safe to show, to send in a header and to save anywhere: no folders, no control characters, nothing
 * that reverses or hides text, no leading or trailing dots and spaces. Cleaning a clean name changes nothing. Rule FIL-4.
 */
export function cleanFileName(name: string): string {
  const last = name.toWellFormed().normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const shown = last
    // controls, and format characters (bidi overrides, zero width) except the joiners that scripts and emoji need
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu, "")
    .replaceAll(/[<>:"|?*]/g, "_");
  const short = trimmed(shortened(trimmed(shown)));
  if (short === "") return FALLBACK;
  return DEVICE.test(short) ? trimmed(shortened(`_${short}`)) : short;
}

function trimmed(name: string): string {
  return name.replaceAll(/^[\s.]+|[\s.]+$/gu, "");
}

/** Cuts the stem, whole characters at a time, so that the extension stays. */
function shortened(name: string): string {
  if (utf8Length(name) <= LIMITS.fileNameBytes) return name;
  const extension = EXTENSION.exec(name)?.[0] ?? "";
  let left = LIMITS.fileNameBytes - utf8Length(extension);
  let stem = "";
  for (const character of name.slice(0, name.length - extension.length)) {
    left -= utf8Length(character);
    if (left < 0) break;
    stem += character;
  }
  return `${trimmed(stem)}${extension}`;
}
