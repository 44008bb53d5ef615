import type { UserId } from "../../protocol/ids.ts";
import { toBase64Url } from "./base64-url.ts";
import { equalSecrets } from "./equal-secrets.ts";
import { hashText } from "./hash-text.ts";

/** `parley_<key id>_<secret>`: told from a JWT at first sight, and found by secret scanners. */
const KEY_FORMAT = /^parley_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;
const SECRET_BYTES = 32;

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

/** Matches no password: a service signs in by its key alone. */
const NO_PASSWORD = "none";

const COLUMNS = "key_id, user_id, name, secret_hash, created_at";

export function looksLikeApiKey(token: string): boolean {
  return token.startsWith("parley_");
}

/** Keys of services, in D1. Their secrets have 256 bits of their own, so a plain hash keeps them. */
export class ApiKeyStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Makes the service's account and its key, whose text is in this answer alone. */
  async add(
    service: { userId: UserId; name: string },
    createdBy: string,
    now: number,
  ): Promise<{ key: ApiKey; text: string }> {
    const keyId = crypto.randomUUID().replaceAll("-", "");
    const secret = toBase64Url(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
    await this.#db.batch([
      this.#db
        .prepare(`INSERT INTO api_key (${COLUMNS}, created_by) VALUES (?, ?, ?, ?, ?, ?)`)
        .bind(keyId, service.userId, service.name, await hashText(secret), now, createdBy),
      this.#db
        .prepare(
          `INSERT INTO user (user_id, matricule, name, role, password_hash, created_at)
           VALUES (?, ?, ?, 'service', ?, ?)`,
        )
        .bind(service.userId, `service-${keyId}`, service.name, NO_PASSWORD, now),
    ]);
    return { key: { ...service, keyId, createdAt: now }, text: `parley_${keyId}_${secret}` };
  }

  /** The key of this text, if it is one. */
  async verify(text: string): Promise<ApiKey | null> {
    const [, keyId, secret] = KEY_FORMAT.exec(text) ?? [];
    if (keyId === undefined || secret === undefined) return null;
    const row = await this.#db
      .prepare(`SELECT ${COLUMNS} FROM api_key WHERE key_id = ?`)
      .bind(keyId)
      .first<KeyRow>();
    const isRight = await equalSecrets(await hashText(secret), row?.secret_hash ?? "");
    return row !== null && isRight ? keyOf(row) : null;
  }

  async list(): Promise<ApiKey[]> {
    const { results } = await this.#db
      .prepare(`SELECT ${COLUMNS} FROM api_key ORDER BY created_at, key_id`)
      .all<KeyRow>();
    return results.map(keyOf);
  }

  /** False when there is no such key. */
  async remove(keyId: string): Promise<boolean> {
    const { meta } = await this.#db
      .prepare("DELETE FROM api_key WHERE key_id = ?")
      .bind(keyId)
      .run();
    return meta.changes > 0;
  }
}

function keyOf(row: KeyRow): ApiKey {
  return { keyId: row.key_id, userId: row.user_id, name: row.name, createdAt: row.created_at };
}
