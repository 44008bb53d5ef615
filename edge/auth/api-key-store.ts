import type { UserId } from "../../protocol/ids.ts";
import { toBase64Url } from "./base64-url.ts";
import { equalSecrets } from "./equal-secrets.ts";
import { hashText } from "./hash-text.ts";

/** `parley_<key id>_<secret>`: told from a JWT at first sight, and found by secret scanners. */
const KEY_FORMAT = /^parley_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;
const SECRET_BYTES = 32;
const KEY_ID_BYTES = 16;

export interface ApiKey {
  keyId: string;
  /** Who the service is in conversations. */
  userId: UserId;
  name: string;
  createdAt: number;
}

interface KeyRow {
  key_id: string;
  user_id: UserId;
  name: string;
  secret_hash: string;
  created_at: number;
}

/** What became of a wish for a key: made now, made by an earlier request, or made and taken back. */
type KeyMade =
  | { type: "new"; key: ApiKey; text: string }
  | { type: "known"; key: ApiKey }
  | { type: "gone" };

/** Matches no password: a service signs in by its key alone. */
const NO_PASSWORD = "none";

const COLUMNS = "key_id, user_id, name, secret_hash, created_at";

/** The id of the key that a request under this name makes: the same one for every repeat. */
export async function apiKeyIdOf(name: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name));
  return new Uint8Array(digest, 0, KEY_ID_BYTES).toHex();
}

export function looksLikeApiKey(token: string): boolean {
  return token.startsWith("parley_");
}

/** Keys of services, in D1. Their secrets have 256 bits of their own, so a plain hash keeps them. */
export class ApiKeyStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /**
   * Makes the service's account and its key, whose text is in this answer alone. A key id is used once: the account stays
   * when its key is taken back. `whenMade` runs in the same transaction if a key is made.
   */
  async add(key: ApiKey, createdBy: string, whenMade: D1PreparedStatement): Promise<KeyMade> {
    const { keyId, userId, name, createdAt } = key;
    const secret = toBase64Url(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
    await this.#db.batch([
      this.#db
        .prepare(
          `INSERT INTO user (user_id, matricule, name, role, password_hash, created_at)
           VALUES (?, ?, ?, 'service', ?, ?) ON CONFLICT DO NOTHING`,
        )
        .bind(userId, `service-${keyId}`, name, NO_PASSWORD, createdAt),
      this.#db
        .prepare(
          `INSERT INTO api_key (${COLUMNS}, created_by) SELECT ?, ?, ?, ?, ?, ? WHERE changes() > 0`,
        )
        .bind(keyId, userId, name, await hashText(secret), createdAt, createdBy),
      whenMade,
    ]);
    const stored = await this.#find(keyId);
    if (stored === null) return { type: "gone" };
    // the account was drawn for this request, so a key of another account is an earlier request's
    if (stored.user_id !== userId) return { type: "known", key: keyOf(stored) };
    return { type: "new", key, text: `parley_${keyId}_${secret}` };
  }

  /** The key of this text, if it is one. */
  async verify(text: string): Promise<ApiKey | null> {
    const [, keyId, secret] = KEY_FORMAT.exec(text) ?? [];
    if (keyId === undefined || secret === undefined) return null;
    const row = await this.#find(keyId);
    const isRight = await equalSecrets(await hashText(secret), row?.secret_hash ?? "");
    return row !== null && isRight ? keyOf(row) : null;
  }

  async list(): Promise<ApiKey[]> {
    const { results } = await this.#db
      .prepare(`SELECT ${COLUMNS} FROM api_key ORDER BY created_at, key_id`)
      .all<KeyRow>();
    return results.map(keyOf);
  }

  #find(keyId: string): Promise<KeyRow | null> {
    return this.#db
      .prepare(`SELECT ${COLUMNS} FROM api_key WHERE key_id = ?`)
      .bind(keyId)
      .first<KeyRow>();
  }

  /** False when there is no such key. `whenRemoved` runs in the same transaction if there was one. */
  async remove(keyId: string, whenRemoved: D1PreparedStatement): Promise<boolean> {
    const [removed] = await this.#db.batch([
      this.#db.prepare("DELETE FROM api_key WHERE key_id = ?").bind(keyId),
      whenRemoved,
    ]);
    return removed !== undefined && removed.meta.changes > 0;
  }
}

function keyOf(row: KeyRow): ApiKey {
  return { keyId: row.key_id, userId: row.user_id, name: row.name, createdAt: row.created_at };
}
