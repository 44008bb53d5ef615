/**
 * `<gateway>.<random>.<mac>`: the object that holds the session, 120 random bits, and 128 bits that only this deployment
 * can write. So any isolate finds the object without a directory, and a forged id never reaches one.
 */
export interface SessionId {
  gateway: string;
  /** What the mac covers. */
  signed: string;
  mac: string;
}

const SHAPE = /^(([a-z0-9][a-z0-9-]{0,62})\.[A-Za-z0-9_-]{20})\.([A-Za-z0-9_-]{22})$/;

export function parseSessionId(text: string): SessionId | null {
  const [, signed, gateway, mac] = SHAPE.exec(text) ?? [];
  if (signed === undefined || gateway === undefined || mac === undefined) return null;
  return { gateway, signed, mac };
}
