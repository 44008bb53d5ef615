import type { ConversationId } from "../../protocol/ids.ts";

/** Conversations that do not know the present sinks, until the next bridge that dials says them. One row each. */
export class DirtyStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(conversationId: string): void {
    this.#sql.exec(
      "INSERT INTO dirty (conversation_id) VALUES (?) ON CONFLICT DO NOTHING",
      conversationId,
    );
  }

  /** Removes some and gives them to the caller. What it then loses, the conversation's own alarm brings back. */
  take(limit: number): ConversationId[] {
    return this.#sql
      .exec<{ conversation_id: ConversationId }>(
        `DELETE FROM dirty WHERE conversation_id IN (SELECT conversation_id FROM dirty LIMIT ?)
         RETURNING conversation_id`,
        limit,
      )
      .toArray()
      .map((row) => row.conversation_id);
  }
}
