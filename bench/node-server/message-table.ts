import { DatabaseSync, type StatementSync } from "node:sqlite";

interface Stored {
  seq: number;
  at: number;
  senderId: string;
  clientMessageId: string;
  content: string;
}

/** Messages in SQLite, each in a transaction that is on disk when `insert` returns. */
export class MessageTable {
  readonly #insert: StatementSync;
  readonly head: number;

  constructor(file: string) {
    const database = new DatabaseSync(file);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.exec(
      `CREATE TABLE IF NOT EXISTS message (
        seq INTEGER PRIMARY KEY, at INTEGER, sender TEXT, client_key TEXT, body TEXT, UNIQUE (sender, client_key))`,
    );
    const row = database.prepare("SELECT coalesce(max(seq), 0) AS head FROM message").get();
    this.head = Number(row?.["head"] ?? 0);
    this.#insert = database.prepare("INSERT INTO message VALUES (?, ?, ?, ?, ?)");
  }

  insert({ seq, at, senderId, clientMessageId, content }: Stored): void {
    this.#insert.run(seq, at, senderId, clientMessageId, JSON.stringify({ type: "TEXT", content }));
  }
}
