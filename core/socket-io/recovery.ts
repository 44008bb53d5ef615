/** What a reconnecting client shows in its CONNECT payload. */
export interface RecoveryClaim {
  /** The socket id that the `pid` stands for. */
  id: string;
  pid: string;
  /** The last recovery offset the client saw. Its word only: it has to be checked, never trusted. */
  offset: string;
}

const PID = /^([A-Za-z0-9_-]{20})\.[A-Za-z0-9_-]{20}$/;

/** A `pid` carries its socket id, so nobody has to remember it, and there is no window after which it expires. */
export function newPid(id: string, random: string): string {
  return `${id}.${random}`;
}

/** Null for a first connection, and for a client that saw no offset yet: then there is nothing to go on from. */
export function recoveryClaim(auth: Record<string, unknown>): RecoveryClaim | null {
  const { pid, offset } = auth;
  if (typeof pid !== "string" || typeof offset !== "string") return null;
  const id = PID.exec(pid)?.[1];
  return id === undefined ? null : { id, pid, offset };
}
