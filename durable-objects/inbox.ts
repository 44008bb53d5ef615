import { DurableObject } from "cloudflare:workers";
import type { ConversationId } from "../protocol/ids.ts";
import type { Refusal } from "../protocol/error-codes.ts";
import type { FileId } from "../protocol/file-id.ts";
import type { Result } from "../protocol/result.ts";
import membership from "../migrations/inbox/0001_membership.sql";
import fileUsage from "../migrations/inbox/0002_file_usage.sql";
import type { ObjectEnv } from "./env.ts";
import { FileQuota } from "./file-quota.ts";
import { InboxConnections } from "./inbox-connections.ts";
import type { InboxFilesRpc, InboxPage, InboxRpc } from "./rpc.ts";
import { applySchema } from "./schema.ts";

/** One per user: the conversations they belong to. Derived; a Conversation decides who its members are. */
export class Inbox extends DurableObject<ObjectEnv> implements InboxRpc, InboxFilesRpc {
  readonly #sql: SqlStorage;
  readonly #fileQuota: FileQuota;
  readonly #connections: InboxConnections;

  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#fileQuota = new FileQuota(ctx.storage.sql);
    this.#connections = new InboxConnections(ctx, env.GATEWAY);
    applySchema(ctx.storage, [
      { id: "0001_membership", sql: membership },
      { id: "0002_file_usage", sql: fileUsage },
    ]);
  }

  async joined(conversationId: ConversationId, at: number): Promise<void> {
    this.#sql.exec(
      "INSERT INTO membership (conversation_id, joined_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
      conversationId,
      at,
    );
    await this.#connections.joined(conversationId);
  }

  async connected(gateway: string): Promise<void> {
    this.#connections.add(gateway);
  }

  async disconnected(gateway: string): Promise<void> {
    this.#connections.remove(gateway);
  }

  async left(conversationId: ConversationId): Promise<void> {
    this.#sql.exec("DELETE FROM membership WHERE conversation_id = ?", conversationId);
  }

  async list(query: { limit: number; cursor?: string }): Promise<InboxPage> {
    const after = query.cursor === undefined ? null : parseCursor(query.cursor);
    const rows = this.#sql
      .exec<{ conversation_id: ConversationId; joined_at: number }>(
        `SELECT conversation_id, joined_at FROM membership
         WHERE ?1 IS NULL OR joined_at < ?1 OR (joined_at = ?1 AND conversation_id > ?2)
         ORDER BY joined_at DESC, conversation_id LIMIT ?3`,
        after?.joinedAt ?? null,
        after?.conversationId ?? "",
        query.limit + 1,
      )
      .toArray();
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    return {
      conversationIds: page.map((row) => row.conversation_id),
      totalCount: this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM membership").one().n,
      nextCursor:
        rows.length > page.length && last !== undefined
          ? `${last.joined_at}.${last.conversation_id}`
          : null,
    };
  }

  async reserveFile(fileId: FileId, bytes: number, quota: number): Promise<Result<null, Refusal>> {
    return this.#fileQuota.reserve(fileId, bytes, quota);
  }

  async releaseFile(fileId: FileId): Promise<void> {
    this.#fileQuota.release(fileId);
  }
}

/** Reads a page's `nextCursor`; anything else starts at the newest. */
function parseCursor(cursor: string): { joinedAt: number; conversationId: string } | null {
  const match = /^(\d{1,15})\.(.+)$/.exec(cursor);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return { joinedAt: Number(match[1]), conversationId: match[2] };
}
