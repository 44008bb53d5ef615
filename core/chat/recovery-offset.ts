/**
 * What a Socket.IO client keeps for connection state recovery: how far it has got in each conversation that it follows,
 * and when that was. It is sent after every burst of events, so it is short: 14 characters for a conversation, of its
 * key, 48 bits that its id gives with a secret, and its cursor. It is the client's word and proves nothing; whoever reads
 * it checks membership as for any cursor.
 */
export interface RecoveryOffset {
  /** When it was written, epoch ms to the second: what is not named below was not followed then. */
  at: number;
  cursors: ReadonlyMap<string, number>;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VERSION = "2.";
/** A conversation's key, in bytes and as base64url. */
export const KEY_BYTES = 6;
const KEY_CHARS = 8;
const CURSOR_CHARS = 6;
const TIME_CHARS = 6;
const ENTRY_CHARS = KEY_CHARS + CURSOR_CHARS;
/** Of one connection; an offset then takes 7 kB, and fits a socket's attachment twice. */
export const MAX_FOLLOWED = 500;
const SHAPE = new RegExp(
  `^2\\.[A-Za-z0-9_-]{${TIME_CHARS}}(?:[A-Za-z0-9_-]{${ENTRY_CHARS}}){0,${MAX_FOLLOWED}}$`,
);

/** How far a connection has got in one conversation. */
export function offsetEntry(key: string, cursor: number): string {
  return key + digits(cursor, CURSOR_CHARS);
}

export function offsetText(at: number, entries: readonly string[]): string {
  return VERSION + digits(Math.floor(at / 1_000), TIME_CHARS) + entries.join("");
}

/** Null for what no server of ours has written. */
export function parseOffset(text: string): RecoveryOffset | null {
  if (!SHAPE.test(text)) return null;
  const cursors = new Map<string, number>();
  const start = VERSION.length + TIME_CHARS;
  for (let from = start; from < text.length; from += ENTRY_CHARS) {
    const key = text.slice(from, from + KEY_CHARS);
    cursors.set(key, numberOf(text.slice(from + KEY_CHARS, from + ENTRY_CHARS)));
  }
  return { at: numberOf(text.slice(VERSION.length, start)) * 1_000, cursors };
}

/** The offset of a connection that follows nothing. */
export const NOTHING_FOLLOWED = offsetText(0, []);

function digits(value: number, count: number): string {
  let text = "";
  let rest = value;
  for (let n = 0; n < count; n++) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}

function numberOf(text: string): number {
  let value = 0;
  for (const digit of text) value = value * ALPHABET.length + ALPHABET.indexOf(digit);
  return value;
}
