import { CONVERSATION_ACTIONS } from "../../core/moderation/staff-notice.ts";

/** What staff and moderators can do that leaves a trace. */
export const AUDITED = [
  "api_key_made",
  "api_key_removed",
  "role_changed",
  "user_suspended",
  "user_reinstated",
  "report_decided",
  ...CONVERSATION_ACTIONS,
] as const;
type AuditedAction = (typeof AUDITED)[number];

export interface AuditEntry {
  at: number;
  actorId: string;
  action: AuditedAction;
  /** A user, a conversation, a message or a key. */
  target: string;
  details: Record<string, unknown>;
  /** Of what a conversation tells: the event that it stands for, which counts once. */
  eventId?: string;
}

interface StoredEntry extends AuditEntry {
  id: number;
}

/** What staff and moderators did, in D1; only ever appended to. */
export class AuditLog {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** For a batch with other writes. */
  statement(entry: AuditEntry): D1PreparedStatement {
    return this.#insert("VALUES (?, ?, ?, ?, ?, ?)", entry);
  }

  /** The same, unless the statement before it in the batch changed nothing. */
  statementIfChanged(entry: AuditEntry): D1PreparedStatement {
    return this.#insert("SELECT ?, ?, ?, ?, ?, ? WHERE changes() > 0", entry);
  }

  /** Newest first, before `beforeId`; of one target when it is named. */
  async page(query: {
    target: string | undefined;
    beforeId: number | undefined;
    limit: number;
  }): Promise<StoredEntry[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT id, at, actor_id AS actorId, action, target, details FROM audit
         WHERE (?1 IS NULL OR target = ?1) AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3`,
      )
      .bind(query.target ?? null, query.beforeId ?? null, query.limit)
      .all<Omit<StoredEntry, "details"> & { details: string }>();
    // written by #insert() alone
    return results.map((row) => ({
      ...row,
      details: JSON.parse(row.details) as AuditEntry["details"],
    }));
  }

  #insert(
    values: string,
    { at, actorId, action, target, details, eventId }: AuditEntry,
  ): D1PreparedStatement {
    return this.#db
      .prepare(
        `INSERT INTO audit (at, actor_id, action, target, details, event_id) ${values}
         ON CONFLICT DO NOTHING`,
      )
      .bind(at, actorId, action, target, JSON.stringify(details), eventId ?? null);
  }
}
