import { DueTable } from "../../core/due-table.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { TalliedSql } from "./tallied-sql.ts";

/** What a task says when it ran: when it wants to run again, epoch ms, or null. */
export type Task = (now: number) => Promise<number | null> | number | null;

/** When a task that failed is tried again: it is something the platform has to mend, not us. */
const RETRY_MS = 30_000;

/**
 * Everything of an object that happens at a time: one small table, one alarm for its earliest entry. A new timer is a
 * new kind with a task, nothing else. Rule TIM-1.
 */
export class Timetable<Kind extends string> {
  readonly #storage: DurableObjectStorage;
  readonly #sql: TalliedSql;
  readonly #tasks: Record<Kind, Task>;
  readonly #table: DueTable<Kind>;
  /** What the alarm is set to; null when it is not known to be set. */
  #armedAt: number | null;

  constructor(storage: DurableObjectStorage, sql: TalliedSql, tasks: Record<Kind, Task>) {
    this.#storage = storage;
    this.#sql = sql;
    this.#tasks = tasks;
    const stored = sql.exec<{ kind: Kind; at: number }>("SELECT kind, at FROM due").toArray();
    this.#table = new DueTable(stored.map(({ kind, at }) => [kind, at] as const));
    this.#armedAt = this.#table.next();
  }

  /** Runs `kind` at `at`, or earlier if it was due earlier. The write joins the turn's commit. */
  within(kind: Kind, at: number): void {
    if (!this.#table.within(kind, at)) return;
    this.#sql.write(
      "INSERT INTO due (kind, at) VALUES (?, ?) ON CONFLICT (kind) DO UPDATE SET at = excluded.at",
      kind,
      at,
    );
    this.#arm();
  }

  /** What `kind` was planned for has been done. An alarm that is left with nothing to do is called off. */
  done(kind: Kind): void {
    if (!this.#table.drop(kind)) return;
    this.#sql.write("DELETE FROM due WHERE kind = ?", kind);
    if (this.#table.next() !== null) return;
    this.#armedAt = null;
    // the write joins the turn's commit, as #arm's does
    void this.#storage.deleteAlarm();
  }

  isPlanned(kind: Kind): boolean {
    return this.#table.at(kind) !== null;
  }

  /** For the object's alarm. Never throws: six throws, and the platform drops the alarm. */
  async run(now: () => number): Promise<void> {
    this.#armedAt = null;
    // side by side: a task that waits for other objects keeps no other back
    await Promise.all(this.#table.takeDue(now()).map((kind) => this.#runTask(kind, now)));
    this.#arm();
  }

  async #runTask(kind: Kind, now: () => number): Promise<void> {
    try {
      const again = await this.#tasks[kind](now());
      if (again !== null) this.within(kind, again);
    } catch (error) {
      logEvent("task_failed", { kind, error: errorText(error) });
      this.within(kind, now() + RETRY_MS);
    }
    // only now, so that a crash on the way runs it again
    if (!this.isPlanned(kind)) this.#sql.write("DELETE FROM due WHERE kind = ?", kind);
  }

  #arm(): void {
    const next = this.#table.next();
    if (next === null || (this.#armedAt !== null && this.#armedAt <= next)) return;
    this.#armedAt = next;
    // the write joins the turn's commit; if that fails, the object is reset and the alarm with it
    void this.#storage.setAlarm(next);
  }
}
