import type { UserId } from "../../protocol/ids.ts";
import { toBase64Url } from "./base64-url.ts";

const TOKEN_BYTES = 32;
const LIFE_MS = 30 * 86_400_000;
/**
 * A used token is taken once more within this time: its answer may have been lost, or two tabs may have refreshed at
 * once. Later it can only be a stolen one.
 */
const REUSE_GRACE_MS = 10_000;

interface TokenRow {
  family_id: string;
  expires_at: number;
  used_at: number | null;
}

export interface Rotated {
  userId: UserId;
  refreshToken: string;
}

/** Refresh tokens in D1: each works once, and a second use ends every token of its sign-in. */
export class RefreshTokenStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** The first token of a sign-in. What expired meanwhile is swept out. */
  async issue(userId: UserId, now: number): Promise<string> {
    const token = newToken();
    await this.#db.batch([
      this.#db
        .prepare("DELETE FROM refresh_token WHERE user_id = ? AND expires_at <= ?")
        .bind(userId, now),
      this.#db
        .prepare(
          "INSERT INTO refresh_token (token_hash, family_id, user_id, expires_at) VALUES (?, ?, ?, ?)",
        )
        .bind(await hashOf(token), crypto.randomUUID(), userId, now + LIFE_MS),
    ]);
    return token;
  }

  /** Exchanges a token for the next one; null for one that is unknown, expired, revoked or stolen. */
  async rotate(token: string, now: number): Promise<Rotated | null> {
    const hash = await hashOf(token);
    const row = await this.#spend(hash, now);
    if (row === null || row.expires_at <= now) return null;
    if (row.used_at !== null && now - row.used_at > REUSE_GRACE_MS) {
      await this.#revokeFamily(row.family_id);
      return null;
    }
    return this.#succeed(hash, now);
  }

  /** Ends the sign-in that the token belongs to; an unknown token has none. */
  async revoke(token: string): Promise<void> {
    const row = await this.#find(await hashOf(token));
    if (row !== null) await this.#revokeFamily(row.family_id);
  }

  /** The row as it was before this use. Of two uses at once, one finds it unused. */
  async #spend(hash: string, now: number): Promise<TokenRow | null> {
    const { results } = await this.#db
      .prepare(
        `UPDATE refresh_token SET used_at = ? WHERE token_hash = ? AND used_at IS NULL
         RETURNING family_id, expires_at`,
      )
      .bind(now, hash)
      .all<Omit<TokenRow, "used_at">>();
    const [spent] = results;
    return spent === undefined ? this.#find(hash) : { ...spent, used_at: null };
  }

  #find(hash: string): Promise<TokenRow | null> {
    return this.#db
      .prepare("SELECT family_id, expires_at, used_at FROM refresh_token WHERE token_hash = ?")
      .bind(hash)
      .first<TokenRow>();
  }

  /** The token's successor; null when its family was revoked in between. */
  async #succeed(hash: string, now: number): Promise<Rotated | null> {
    const refreshToken = newToken();
    const { results } = await this.#db
      .prepare(
        `INSERT INTO refresh_token (token_hash, family_id, user_id, expires_at)
         SELECT ?, family_id, user_id, ? FROM refresh_token WHERE token_hash = ?
         RETURNING user_id`,
      )
      .bind(await hashOf(refreshToken), now + LIFE_MS, hash)
      .all<{ user_id: UserId }>();
    const [row] = results;
    return row === undefined ? null : { userId: row.user_id, refreshToken };
  }

  async #revokeFamily(familyId: string): Promise<void> {
    await this.#db.prepare("DELETE FROM refresh_token WHERE family_id = ?").bind(familyId).run();
  }
}

function newToken(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
}

async function hashOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return toBase64Url(new Uint8Array(digest));
}
