import type { BroadcastId } from "../../protocol/ids.ts";
import type { BroadcastPlace } from "../../edge/rpc/inbox-rpc.ts";
import type { TalliedSql } from "../storage/tallied-sql.ts";

/** Which broadcast lists a user owns or may send to. */
export class InboxBroadcasts {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  set(broadcastId: BroadcastId, listed: boolean, now: number): void {
    if (listed) {
      this.#sql.write(
        "INSERT INTO broadcast (broadcast_id, listed_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
        broadcastId,
        now,
      );
    } else {
      this.#sql.write("DELETE FROM broadcast WHERE broadcast_id = ?", broadcastId);
    }
  }

  /** The latest first. */
  page(after: BroadcastPlace | null, limit: number): BroadcastPlace[] {
    return this.#sql
      .exec<{ listedAt: number; broadcastId: BroadcastId }>(
        `SELECT listed_at AS listedAt, broadcast_id AS broadcastId FROM broadcast
         WHERE ?1 IS NULL OR listed_at < ?1 OR (listed_at = ?1 AND broadcast_id > ?2)
         ORDER BY listed_at DESC, broadcast_id LIMIT ?3`,
        after?.listedAt ?? null,
        after?.broadcastId ?? "",
        limit,
      )
      .toArray();
  }
}
