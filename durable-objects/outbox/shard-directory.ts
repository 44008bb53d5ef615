import type { BridgeReports } from "../../core/bridging/reports.ts";
import type { MetaStore } from "../storage/meta-store.ts";

const SINKS_KEY = "sinks";
const REPORTS_KEY = "reports";

/** What a shard keeps for good: the sinks of its newest bridge and their epochs; and a directory, its conversations. */
export class ShardDirectory {
  readonly #sql: SqlStorage;
  readonly #meta: MetaStore;
  #sinks: readonly string[];

  constructor(sql: SqlStorage, meta: MetaStore) {
    this.#sql = sql;
    this.#meta = meta;
    const stored = meta.get(SINKS_KEY);
    this.#sinks = typeof stored === "string" ? stored.split(",") : [];
  }

  sinks(): string[] {
    return [...this.#sinks];
  }

  /** The newest bridge says what sinks there are; answers those that are no more. */
  sinksAre(sinks: readonly string[]): string[] {
    const retired = this.#sinks.filter((sink) => !sinks.includes(sink));
    this.#sinks = [...sinks];
    this.#meta.set(SINKS_KEY, sinks.join(","));
    return retired;
  }

  nextEpoch(sink: string): number {
    const key = `epoch.${sink}`;
    const epoch = this.#meta.number(key, 0) + 1;
    this.#meta.set(key, epoch);
    return epoch;
  }

  /** What the bridge last said of itself. */
  get reports(): BridgeReports {
    const stored = this.#meta.get(REPORTS_KEY);
    // written by the setter alone
    return typeof stored === "string" ? (JSON.parse(stored) as BridgeReports) : {};
  }

  set reports(reports: BridgeReports) {
    this.#meta.set(REPORTS_KEY, JSON.stringify(reports));
  }

  /** Remembers a conversation; one row for its life. */
  note(conversationId: string): void {
    this.#sql.exec(
      "INSERT INTO conversation (conversation_id) VALUES (?) ON CONFLICT DO NOTHING",
      conversationId,
    );
  }

  conversations(cursor: string, limit: number): string[] {
    return this.#sql
      .exec<{ conversation_id: string }>(
        "SELECT conversation_id FROM conversation WHERE conversation_id > ? ORDER BY 1 LIMIT ?",
        cursor,
        limit,
      )
      .toArray()
      .map((row) => row.conversation_id);
  }
}
