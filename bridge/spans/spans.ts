import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";

/** One try at writing a group, as a span of its own. */
export type Try = <T>(run: () => Promise<T>) => Promise<T>;

/** Tells whoever collects traces of groups on their way to a sink, and which traces their events are part of. */
export interface Spans {
  /** `write` gives each of its tries to `tried`. Answers and throws what `write` does. */
  group<T>(
    sink: string,
    batches: readonly ArchiveBatch[],
    write: (tried: Try) => Promise<T>,
  ): Promise<T>;
  /** Sends what is left, within a moment; never rejects. */
  stop(): Promise<void>;
}

/** Nobody collects. */
export const NO_SPANS: Spans = {
  group: (_sink, _batches, write) => write((run) => run()),
  stop: async () => undefined,
};
