import type { Notification, StoredNotification } from "../../protocol/notification.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { NotificationPage } from "../../edge/rpc/inbox-rpc.ts";
import type { TalliedSql } from "../storage/tallied-sql.ts";

interface Row extends Record<string, SqlStorageValue> {
  n: number;
  id: string;
  at: number;
  title: string;
  body: string;
  data: string;
}

/** What the deployment told a user: the newest of it, each once. Rule NTF-1. */
export class InboxNotifications {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  /** False for one that is there already. */
  add({ id, at, title, body, data }: StoredNotification): boolean {
    const written = this.#sql.write(
      "INSERT INTO notification (id, at, title, body, data) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      id,
      at,
      title,
      body,
      JSON.stringify(data),
    );
    if (written === 0) return false;
    // the id stays: a topic that is replayed from its start must not tell the old ones anew
    this.#sql.write(
      `UPDATE notification SET title = '', body = '', data = ''
       WHERE n = (SELECT max(n) FROM notification) - ?`,
      LIMITS.notificationsKept,
    );
    return true;
  }

  /** Newest first, those before `before` if that is given. */
  page(before: number | undefined, limit: number): NotificationPage {
    const rows = this.#sql
      .exec<Row>(
        `SELECT * FROM notification
         WHERE n < ? AND n > (SELECT max(n) FROM notification) - ? ORDER BY n DESC LIMIT ?`,
        before ?? Number.MAX_SAFE_INTEGER,
        LIMITS.notificationsKept,
        limit + 1,
      )
      .toArray();
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return { notifications: shown.map(notificationOf), next: last?.n ?? null };
  }
}

function notificationOf({ id, at, title, body, data }: Row): StoredNotification {
  // written by `add` alone
  return { id, at, title, body, data: JSON.parse(data) as Notification["data"] };
}
