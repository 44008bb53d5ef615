import type { DeliveryState } from "../../core/broadcast/delivery.ts";
import type { ErrorCode } from "../../protocol/error-codes.ts";
import type { UserId } from "../../protocol/ids.ts";
import type { MessageDraft } from "../../protocol/message.ts";
import type { TalliedSql } from "../storage/tallied-sql.ts";
import type {
  BroadcastSend,
  Delivery,
  DeliveryQuery,
  Person,
  StateName,
} from "../../edge/rpc/broadcast-rpc.ts";

export interface StoredMessage {
  n: number;
  sender: Person;
  message: MessageDraft;
  acceptedAt: number;
  completedAt: number | null;
}

/** One message that has yet to reach one recipient. */
export interface Job {
  n: number;
  place: number;
  recipient: Person;
  attempts: number;
}

interface MessageRow extends Record<string, SqlStorageValue> {
  n: number;
  senderId: UserId;
  senderName: string;
  body: string;
  acceptedAt: number;
  completedAt: number | null;
}

const MESSAGE = `SELECT n, sender_id AS senderId, sender_name AS senderName, body,
  accepted_at AS acceptedAt, completed_at AS completedAt FROM message`;

/**
 * Each recipient's earliest pending message: the bare columns are those of the row that min() finds. So a recipient gets
 * the messages of a list in their order (BCT-6). Messages that are complete are left out unread.
 */
const FIRST_JOBS = `SELECT min(n) AS n, place, user_id AS userId, name, attempts, due_at AS dueAt FROM job
  WHERE n IN (SELECT n FROM message WHERE completed_at IS NULL) AND state = 'pending' GROUP BY user_id`;

/** Messages of a list, and how each stands with each of its recipients. */
export class JobStore {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  messageCount(): number {
    return this.#sql.exec<{ n: number }>("SELECT coalesce(max(n), 0) AS n FROM message").one().n;
  }

  message(n: number): StoredMessage | undefined {
    return this.#messages("WHERE n = ?", n)[0];
  }

  /** The message of an earlier send with the same key. */
  find(senderId: UserId, clientMessageId: string): StoredMessage | undefined {
    return this.#messages(
      "WHERE sender_id = ? AND client_message_id = ?",
      senderId,
      clientMessageId,
    )[0];
  }

  /** Takes a message with a job for everybody who is a recipient now; the caller's transaction. Answers its number. */
  add({ sender, clientMessageId, message }: BroadcastSend, now: number): number {
    const n = this.messageCount() + 1;
    this.#sql.write(
      `INSERT INTO message (n, sender_id, sender_name, client_message_id, body, accepted_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      n,
      sender.userId,
      sender.name,
      clientMessageId,
      JSON.stringify(message),
      now,
    );
    this.#sql.write(
      `INSERT INTO job (n, place, user_id, name, state, attempts, due_at)
       SELECT ?, place, user_id, name, 'pending', 0, ? FROM recipient`,
      n,
      now,
    );
    return n;
  }

  /** Jobs that may be tried now, of each recipient the earliest one. */
  due(now: number, limit: number): Job[] {
    return this.#sql
      .exec<{ n: number; place: number; userId: UserId; name: string; attempts: number }>(
        `SELECT n, place, userId, name, attempts FROM (${FIRST_JOBS})
         WHERE dueAt <= ? ORDER BY n, place LIMIT ?`,
        now,
        limit,
      )
      .toArray()
      .map(({ userId, name, ...job }) => ({ ...job, recipient: { userId, name } }));
  }

  /** When the next job may be tried; null when none is left. */
  nextDue(): number | null {
    return this.#sql
      .exec<{ at: number | null }>(`SELECT min(dueAt) AS at FROM (${FIRST_JOBS})`)
      .one().at;
  }

  /** A final state stays as it is, and a job that is gone stays gone. */
  settle({ n, place, attempts }: Job, after: DeliveryState): void {
    this.#sql.write(
      `UPDATE job SET state = ?, seq = ?, code = ?, attempts = ?, due_at = ?
       WHERE n = ? AND place = ? AND state = 'pending'`,
      after.state,
      after.state === "sent" ? after.seq : null,
      "code" in after ? after.code : null,
      after.state === "pending" ? after.attempts : attempts + 1,
      after.state === "pending" ? after.dueAt : 0,
      n,
      place,
    );
  }

  /** Marks the messages nobody is waiting for any more. */
  complete(now: number): void {
    this.#sql.write(
      `UPDATE message SET completed_at = ? WHERE completed_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM job WHERE job.n = message.n AND state = 'pending')`,
      now,
    );
  }

  /** Recipients who wait, counted once for each message. */
  pendingCount(): number {
    return this.#sql
      .exec<{ n: number }>(
        `SELECT count(*) AS n FROM job
         WHERE n IN (SELECT n FROM message WHERE completed_at IS NULL) AND state = 'pending'`,
      )
      .one().n;
  }

  counts(n: number): Record<StateName, number> {
    const counts = { pending: 0, sent: 0, blocked: 0, failed: 0 };
    const rows = this.#sql.exec<{ state: StateName; count: number }>(
      "SELECT state, count(*) AS count FROM job WHERE n = ? GROUP BY state",
      n,
    );
    for (const { state, count } of rows) counts[state] = count;
    return counts;
  }

  /** A page of recipients, in the list's order. */
  page(
    n: number,
    { after, limit, state }: DeliveryQuery,
  ): { deliveries: Delivery[]; hasMore: boolean } {
    const found = this.#sql
      .exec<{
        place: number;
        userId: UserId;
        state: StateName;
        seq: number | null;
        code: ErrorCode | null;
      }>(
        `SELECT place, user_id AS userId, state, seq, code FROM job
         WHERE n = ?1 AND place > ?2 AND (?3 IS NULL OR state = ?3) ORDER BY place LIMIT ?4`,
        n,
        after,
        state ?? null,
        limit + 1,
      )
      .toArray();
    return { deliveries: found.slice(0, limit), hasMore: found.length > limit };
  }

  clear(): void {
    this.#sql.write("DELETE FROM job");
    this.#sql.write("DELETE FROM message");
  }

  #messages(where: string, ...bindings: SqlStorageValue[]): StoredMessage[] {
    return this.#sql
      .exec<MessageRow>(`${MESSAGE} ${where}`, ...bindings)
      .toArray()
      .map(({ senderId, senderName, body, ...rest }) => ({
        ...rest,
        sender: { userId: senderId, name: senderName },
        message: JSON.parse(body) as MessageDraft, // as add() wrote it
      }));
  }
}
