import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";

/** A place where events end up. */
export interface Sink {
  /** Lower-case letters; the edge keeps a cursor under it. */
  readonly name: string;
  /** How many writes may be under way at once; no two of them hold the same conversation. */
  readonly parallel: number;
  /** Connects, and brings topics, collections or files into shape. Safe to repeat; throws when it cannot. */
  start(): Promise<void>;
  /**
   * One try at writing every batch, in order per conversation; resolves once all of it is durable. When it throws, any
   * part may have been written, and the same batches are given again: writing is safe to repeat.
   * Answers how many events the far end can never take; those are kept as dead letters, with their reason.
   */
  write(batches: readonly ArchiveBatch[]): Promise<{ deadLetters: number }>;
  stop(): Promise<void>;
}
