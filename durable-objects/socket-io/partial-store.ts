import type { Frame } from "../../core/engine-io/packet.ts";

/** Frames of packets whose attachments are still to come, so that they survive sleep. Rare: few events carry bytes. */
export class PartialStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  append(sid: string, n: number, frame: Frame): void {
    this.#sql.exec("INSERT INTO partial_packet (sid, n, frame) VALUES (?, ?, ?)", sid, n, frame);
  }

  load(sid: string): Frame[] {
    return this.#sql
      .exec<{ frame: string | ArrayBuffer }>(
        "SELECT frame FROM partial_packet WHERE sid = ? ORDER BY n",
        sid,
      )
      .toArray()
      .map(({ frame }) => (typeof frame === "string" ? frame : new Uint8Array(frame)));
  }

  clear(sid: string): void {
    this.#sql.exec("DELETE FROM partial_packet WHERE sid = ?", sid);
  }
}
