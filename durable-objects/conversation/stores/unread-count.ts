import type { Unread } from "../../../edge/rpc/conversation-rpc.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { TalliedSql } from "../../storage/tallied-sql.ts";

/**
 * What a member has not read: others' messages after the read cursor, without deleted ones, those he has hidden, and
 * those of people he has blocked. `LIMIT` inside the subquery bounds what is read and billed. Rule RCP-6.
 */
export function countUnread(
  sql: TalliedSql,
  reader: { userId: string; after: number; head: number },
): Unread {
  const { userId, after, head } = reader;
  if (after >= head) return { unread: 0, mentions: 0 };
  const { unread, mentions } = sql
    .exec<{ unread: number; mentions: number | null }>(
      `SELECT count(*) AS unread, sum(mentioned) AS mentions FROM (
         SELECT mentions IS NOT NULL AND instr(mentions, ?1) > 0 AS mentioned FROM event
         WHERE seq > ?2 AND type = 'message' AND sender_id <> ?3 AND deleted_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM hidden WHERE user_id = ?3 AND hidden.seq = event.seq)
           AND NOT EXISTS (SELECT 1 FROM block WHERE user_id = ?3 AND blocked_id = event.sender_id)
         LIMIT ?4)`,
      JSON.stringify(userId),
      after,
      userId,
      LIMITS.unreadMax,
    )
    .one();
  return { unread, mentions: mentions ?? 0 };
}
