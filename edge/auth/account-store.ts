import type { UserId } from "../../protocol/ids.ts";

export interface Account {
  userId: UserId;
  matricule: string;
  name: string;
  email: string | null;
  role: string;
}

interface AccountChange {
  name?: string;
  email?: string;
  passwordHash?: string;
  role?: string;
}

interface AccountRow {
  user_id: UserId;
  matricule: string;
  name: string;
  email: string | null;
  role: string;
}

const COLUMNS = "user_id, matricule, name, email, role";
/** D1 takes at most 100 bound values in one statement. */
const IDS_AT_ONCE = 100;

/** People who have an account here, in D1. */
export class AccountStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** False when the matricule or the email address is taken. */
  async add(account: Account, passwordHash: string, now: number): Promise<boolean> {
    const { userId, matricule, name, email, role } = account;
    const { meta } = await this.#db
      .prepare(
        `INSERT INTO user (${COLUMNS}, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
      )
      .bind(userId, matricule, name, email, role, passwordHash, now)
      .run();
    return meta.changes > 0;
  }

  /** By matricule or email address; neither can look like the other. */
  async findLogin(login: string): Promise<{ account: Account; passwordHash: string } | null> {
    const row = await this.#db
      .prepare(`SELECT ${COLUMNS}, password_hash FROM user WHERE matricule = ?1 OR email = ?1`)
      .bind(login)
      .first<AccountRow & { password_hash: string }>();
    return row === null ? null : { account: accountOf(row), passwordHash: row.password_hash };
  }

  async find(userId: string): Promise<Account | null> {
    const [account] = await this.findAll([userId]);
    return account ?? null;
  }

  async passwordHash(userId: string): Promise<string | null> {
    const row = await this.#db
      .prepare("SELECT password_hash FROM user WHERE user_id = ?")
      .bind(userId)
      .first<{ password_hash: string }>();
    return row?.password_hash ?? null;
  }

  /**
   * What is left out stays. False when the email address is somebody else's. `withIt` follows in the same transaction, so
   * that neither is there without the other.
   */
  async change(
    userId: string,
    change: AccountChange,
    withIt: readonly D1PreparedStatement[] = [],
  ): Promise<boolean> {
    const { name = null, email = null, passwordHash = null, role = null } = change;
    const [changed] = await this.#db.batch([
      this.#db
        .prepare(
          `UPDATE OR IGNORE user SET name = coalesce(?, name), email = coalesce(?, email),
             password_hash = coalesce(?, password_hash), role = coalesce(?, role) WHERE user_id = ?`,
        )
        .bind(name, email, passwordHash, role, userId),
      ...withIt,
    ]);
    return changed !== undefined && changed.meta.changes > 0;
  }

  /** Those of the users who exist. */
  async findAll(userIds: readonly string[]): Promise<Account[]> {
    const found: Account[] = [];
    for (let from = 0; from < userIds.length; from += IDS_AT_ONCE) {
      const some = userIds.slice(from, from + IDS_AT_ONCE);
      const marks = some.map(() => "?").join(", ");
      const { results } = await this.#db
        .prepare(`SELECT ${COLUMNS} FROM user WHERE user_id IN (${marks})`)
        .bind(...some)
        .all<AccountRow>();
      found.push(...results.map(accountOf));
    }
    return found;
  }

  /** People by the beginning of a name, of one of its words, or of a matricule; ordered by name, after `cursor`. */
  async search(text: string, limit: number, cursor: AccountCursor | null): Promise<Account[]> {
    // no LIKE: D1 refuses patterns of more than 50 bytes
    const { results } = await this.#db
      .prepare(
        `SELECT ${COLUMNS} FROM user
         WHERE (instr(lower(matricule), lower(?1)) = 1 OR EXISTS (
             SELECT 1 FROM json_each(?5) WHERE instr(' ' || lower(name), ' ' || lower(value)) > 0))
           AND (?2 IS NULL OR (name, user_id) > (?2, ?3))
         ORDER BY name, user_id LIMIT ?4`,
      )
      .bind(text, cursor?.name ?? null, cursor?.userId ?? "", limit, JSON.stringify(casesOf(text)))
      .all<AccountRow>();
    return results.map(accountOf);
  }
}

/** The last person of a page. */
export interface AccountCursor {
  name: string;
  userId: string;
}

/** SQLite's lower() knows ASCII alone: É is found by é only if it is asked for in the case in which names have it. */
function casesOf(text: string): string[] {
  const low = text.toLowerCase();
  const title = low.replaceAll(/(?<![\p{L}\p{M}])\p{L}/gu, (first) => first.toUpperCase());
  return [...new Set([text, low, title, text.toUpperCase()])];
}

function accountOf({ user_id: userId, matricule, name, email, role }: AccountRow): Account {
  return { userId, matricule, name, email, role };
}
