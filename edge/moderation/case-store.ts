import type { CaseAction, CaseStanding, CaseState } from "../../core/moderation/moderation-case.ts";
import { AuditLog, type AuditEntry } from "./audit-log.ts";

/** One person's report of one message, as its conversation tells it. */
export interface Report {
  messageId: string;
  conversationId: string;
  authorId: string;
  content: string;
  reporterId: string;
  reason: string | null;
  version: number;
  at: number;
}

/** A reported message with what staff has made of it. Times are epoch ms. */
export interface ModerationCase {
  messageId: string;
  conversationId: string;
  authorId: string;
  /** As it was reported last. */
  content: string;
  standing: CaseStanding;
  note: string | null;
  reports: number;
  openedAt: number;
  changedAt: number;
}

type CaseRow = Omit<ModerationCase, "standing"> & {
  state: CaseState;
  action: CaseAction | null;
  assigneeId: string | null;
};

const SELECT = `SELECT message_id AS messageId, conversation_id AS conversationId,
  author_id AS authorId, content, state, action, assignee_id AS assigneeId, note,
  opened_at AS openedAt, changed_at AS changedAt,
  (SELECT count(*) FROM moderation_report AS report
    WHERE report.message_id = moderation_case.message_id) AS reports
  FROM moderation_case`;

/** The queue of reported messages, in D1. */
export class CaseStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /**
   * Writes a report, in the order given and in one batch. A closed case opens again for a report that is new; one that
   * is told a second time changes nothing.
   */
  reported(report: Report): D1PreparedStatement[] {
    const { messageId, conversationId, authorId, content, reporterId, reason, version, at } =
      report;
    return [
      this.#db
        .prepare(
          `INSERT INTO moderation_case
             (message_id, conversation_id, author_id, content, state, opened_at, changed_at)
           VALUES (?1, ?2, ?3, ?4, 'open', ?5, ?5)
           ON CONFLICT DO UPDATE SET content = excluded.content,
             state = CASE WHEN state = 'in_review' THEN state ELSE 'open' END,
             opened_at = CASE WHEN state IN ('resolved', 'dismissed') THEN excluded.opened_at
               ELSE opened_at END,
             assignee_id = CASE WHEN state = 'in_review' THEN assignee_id END, action = NULL
           WHERE NOT EXISTS (SELECT 1 FROM moderation_report
             WHERE message_id = ?1 AND reporter_id = ?6)`,
        )
        .bind(messageId, conversationId, authorId, content, at, reporterId),
      this.#db
        .prepare(
          `INSERT INTO moderation_report (message_id, reporter_id, reason, version, at)
           VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        )
        .bind(messageId, reporterId, reason, version, at),
    ];
  }

  async find(messageId: string): Promise<ModerationCase | null> {
    const row = await this.#db
      .prepare(`${SELECT} WHERE message_id = ?`)
      .bind(messageId)
      .first<CaseRow>();
    return row === null ? null : caseOf(row);
  }

  /** Those that wait longest first, after the place of a page before. */
  async page(query: {
    state: CaseState | undefined;
    after: readonly [openedAt: number, messageId: string] | undefined;
    limit: number;
  }): Promise<ModerationCase[]> {
    const [openedAt, messageId] = query.after ?? [-1, ""];
    const ofState = query.state === undefined ? "" : "state = ?4 AND";
    const { results } = await this.#db
      .prepare(
        `${SELECT} WHERE ${ofState} (opened_at, message_id) > (?1, ?2)
         ORDER BY opened_at, message_id LIMIT ?3`,
      )
      .bind(openedAt, messageId, query.limit, ...(query.state === undefined ? [] : [query.state]))
      .all<CaseRow>();
    return results.map(caseOf);
  }

  /** The newest `limit` reports of a message. */
  async reports(
    messageId: string,
    limit: number,
  ): Promise<Pick<Report, "reporterId" | "reason" | "version" | "at">[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT reporter_id AS reporterId, reason, version, at FROM moderation_report
         WHERE message_id = ? ORDER BY at DESC, reporter_id LIMIT ?`,
      )
      .bind(messageId, limit)
      .all<Pick<Report, "reporterId" | "reason" | "version" | "at">>();
    return results;
  }

  /** Moves a case on and into the audit log, in one write, unless somebody was faster: then false. */
  async move(
    { messageId, standing: was }: ModerationCase,
    standing: CaseStanding,
    { note, audit }: { note: string | null; audit: AuditEntry },
  ): Promise<boolean> {
    const assigneeId = standing.state === "open" ? null : standing.assigneeId;
    const action = standing.state === "resolved" ? standing.action : null;
    const wasAssignedTo = was.state === "open" ? null : was.assigneeId;
    const [moved] = await this.#db.batch([
      this.#db
        .prepare(
          `UPDATE moderation_case
           SET state = ?1, action = ?2, assignee_id = ?3, note = coalesce(?4, note), changed_at = ?5
           WHERE message_id = ?6 AND state = ?7 AND assignee_id IS ?8`,
        )
        .bind(
          standing.state,
          action,
          assigneeId,
          note,
          audit.at,
          messageId,
          was.state,
          wasAssignedTo,
        ),
      new AuditLog(this.#db).statementIfChanged(audit),
    ]);
    return moved !== undefined && moved.meta.changes > 0;
  }
}

function caseOf({ state, action, assigneeId, ...row }: CaseRow): ModerationCase {
  return { ...row, standing: standingOf(state, action, assigneeId) };
}

/** `move` and `reported` alone write these columns, and in these shapes. */
function standingOf(
  state: CaseState,
  action: CaseAction | null,
  assigneeId: string | null,
): CaseStanding {
  if (state === "open") return { state };
  if (assigneeId === null) throw new Error(`a case that is ${state} has no moderator`);
  if (state !== "resolved") return { state, assigneeId };
  if (action === null) throw new Error("a case was resolved by nothing");
  return { state, assigneeId, action };
}
