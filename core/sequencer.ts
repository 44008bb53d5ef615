import type { LogRow } from "./event-text.ts";

/** What the sequencer needs of a log. Synchronous: the caller runs it inside one transaction. */
export interface LogWriter {
  /** Stores the row unless its sender has used the key before; says whether it did. */
  insert(row: LogRow): boolean;
  /** The row of an earlier send; undefined when the key is new. */
  find(senderId: string, clientMessageId: string): StoredSend | undefined;
}

export interface StoredSend {
  seq: number;
  at: number;
}

/** A send that waits for its place in the order. `body` is the message as JSON. */
export interface PendingSend {
  senderId: string;
  clientMessageId: string;
  body: string;
}

/** Where the log ends: the last seq given out and the time it carries. */
export interface LogEnd {
  head: number;
  at: number;
}

export interface AppendedGroup {
  /** New rows, consecutive from the old head + 1. */
  rows: LogRow[];
  /** One for each send, in its order. */
  outcomes: (StoredSend & { repeated: boolean })[];
  end: LogEnd;
}

/**
 * Gives every send of a group its place: the next seq, or the first one again for a repeated key (ORD-2, ORD-3).
 * Times never run backwards, whatever the clock does (ORD-4).
 */
export function appendGroup(
  log: LogWriter,
  end: LogEnd,
  sends: readonly PendingSend[],
  now: number,
): AppendedGroup {
  const at = Math.max(now, end.at);
  const rows: LogRow[] = [];
  const outcomes: AppendedGroup["outcomes"] = [];
  for (const send of sends) {
    const seq = end.head + rows.length + 1;
    const row: LogRow = { seq, at, type: "message", ...send };
    if (log.insert(row)) {
      rows.push(row);
      outcomes.push({ seq, at, repeated: false });
      continue;
    }
    const first = log.find(send.senderId, send.clientMessageId);
    if (first === undefined) throw new Error("a send was neither stored nor known");
    outcomes.push({ ...first, repeated: true });
  }
  return { rows, outcomes, end: rows.length === 0 ? end : { head: end.head + rows.length, at } };
}
