import type { UserId } from "../../protocol/ids.ts";
import { toBase64Url } from "./base64-url.ts";
import { hashText } from "./hash-text.ts";

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

/** One device, or one browser, that its owner signed in with. Times are epoch ms. */
export interface SignIn {
  signInId: string;
  device: string;
  startedAt: number;
  usedAt: number;
}

interface Rotated {
  userId: UserId;
  refreshToken: string;
}

/** Refresh tokens in D1: each works once, and a second use ends every token of its sign-in. */
export class RefreshTokenStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /**
   * The first token of a sign-in by this password; null when the password was changed while it was compared, since that
   * ends every sign-in by the one before. What expired meanwhile is swept out.
   */
  async issue(
    userId: UserId,
    passwordHash: string,
    { device, now }: { device: string; now: number },
  ): Promise<string | null> {
    const token = newToken();
    const familyId = crypto.randomUUID();
    const results = await this.#db.batch([
      this.#db
        .prepare("DELETE FROM refresh_token WHERE user_id = ? AND expires_at <= ?")
        .bind(userId, now),
      this.#db
        .prepare(
          `DELETE FROM sign_in WHERE user_id = ?1
           AND family_id NOT IN (SELECT family_id FROM refresh_token WHERE user_id = ?1)`,
        )
        .bind(userId),
      this.#db
        .prepare(
          `INSERT INTO refresh_token (token_hash, family_id, user_id, expires_at)
           SELECT ?, ?, user_id, ? FROM user WHERE user_id = ? AND password_hash = ?`,
        )
        .bind(await hashText(token), familyId, now + LIFE_MS, userId, passwordHash),
      this.#db
        .prepare(
          `INSERT INTO sign_in (family_id, user_id, device, started_at, used_at)
           SELECT ?, ?, ?, ?, ? WHERE changes() > 0`,
        )
        .bind(familyId, userId, device, now, now),
    ]);
    return results.at(-1)?.meta.changes === 0 ? null : token;
  }

  /** Exchanges a token for the next one; null for one that is unknown, expired, revoked or stolen. */
  async rotate(token: string, now: number): Promise<Rotated | null> {
    const hash = await hashText(token);
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
    const row = await this.#find(await hashText(token));
    if (row !== null) await this.#revokeFamily(row.family_id);
  }

  /** Where a user is signed in, the latest used first. */
  async signIns(userId: string): Promise<SignIn[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT family_id AS signInId, device, started_at AS startedAt, used_at AS usedAt
         FROM sign_in WHERE user_id = ? ORDER BY used_at DESC, family_id`,
      )
      .bind(userId)
      .all<SignIn>();
    return results;
  }

  /** Ends one sign-in of a user; false when it is none of theirs. */
  async end(userId: string, signInId: string): Promise<boolean> {
    const row = await this.#db
      .prepare("SELECT 1 FROM sign_in WHERE user_id = ? AND family_id = ?")
      .bind(userId, signInId)
      .first();
    if (row === null) return false;
    await this.#revokeFamily(signInId);
    return true;
  }

  /** Ends all of a user's sign-ins, in a batch with what ends them. */
  endAll(userId: string): D1PreparedStatement[] {
    return ["refresh_token", "sign_in"].map((table) =>
      this.#db.prepare(`DELETE FROM ${table} WHERE user_id = ?`).bind(userId),
    );
  }

  /** The same, if this has become the password: a batch that changes it may come to nothing. */
  endAllBefore(userId: string, passwordHash: string): D1PreparedStatement[] {
    return ["refresh_token", "sign_in"].map((table) =>
      this.#db
        .prepare(
          `DELETE FROM ${table} WHERE user_id =
           (SELECT user_id FROM user WHERE user_id = ? AND password_hash = ?)`,
        )
        .bind(userId, passwordHash),
    );
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
      .bind(await hashText(refreshToken), now + LIFE_MS, hash)
      .all<{ user_id: UserId }>();
    const [row] = results;
    if (row === undefined) return null;
    await this.#db
      .prepare(
        `UPDATE sign_in SET used_at = ? WHERE family_id =
         (SELECT family_id FROM refresh_token WHERE token_hash = ?)`,
      )
      .bind(now, hash)
      .run();
    return { userId: row.user_id, refreshToken };
  }

  async #revokeFamily(familyId: string): Promise<void> {
    await this.#db.batch([
      this.#db.prepare("DELETE FROM refresh_token WHERE family_id = ?").bind(familyId),
      this.#db.prepare("DELETE FROM sign_in WHERE family_id = ?").bind(familyId),
    ]);
  }
}

function newToken(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
}
