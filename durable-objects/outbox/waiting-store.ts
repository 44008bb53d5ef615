import type { ConversationId } from "../../protocol/ids.ts";

/** Where counting stops: past it, more precision helps nobody. */
const COUNTED = 10_000;

/** Conversations that wait for a sink. One row each, written only when a batch could not be handed over. */
export class WaitingStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(sink: string, conversationId: string): void {
    this.#sql.exec(
      "INSERT INTO waiting (sink, conversation_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
      sink,
      conversationId,
    );
  }

  /** Removes some and gives them to the caller. What it then loses, the conversation's own alarm brings back. */
  take(sink: string, limit: number): ConversationId[] {
    return this.#sql
      .exec<{ conversation_id: ConversationId }>(
        `DELETE FROM waiting WHERE sink = ?1 AND conversation_id IN
           (SELECT conversation_id FROM waiting WHERE sink = ?1 LIMIT ?2)
         RETURNING conversation_id`,
        sink,
        limit,
      )
      .toArray()
      .map((row) => row.conversation_id);
  }

  /** How many wait for the sink, up to 10,000. */
  count(sink: string): number {
    return this.#sql
      .exec<{ n: number }>(
        "SELECT count(*) AS n FROM (SELECT 1 FROM waiting WHERE sink = ? LIMIT ?)",
        sink,
        COUNTED,
      )
      .one().n;
  }

  /** The sink is no more: whoever waited for it has to be told which there are, as those in `dirty`. */
  retire(sink: string): void {
    this.#sql.exec(
      `INSERT INTO dirty (conversation_id) SELECT conversation_id FROM waiting WHERE sink = ?
       ON CONFLICT DO NOTHING`,
      sink,
    );
    this.#sql.exec("DELETE FROM waiting WHERE sink = ?", sink);
  }
}
