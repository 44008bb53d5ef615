import { expect } from "vitest";
import type { FoundEvent } from "../support/sink-contract.ts";

/**
 * Every conversation is whole, from its first message to `head`, and no event appears for the first time before one that
 * it follows. Answers how many records are repeats.
 */
export function expectInOrder(
  records: readonly FoundEvent[],
  ids: readonly string[],
  head: number,
): number {
  const firsts = new Map<string, number[]>(ids.map((id) => [id, []]));
  for (const { conversationId, seq } of records) {
    const seqs = firsts.get(conversationId);
    if (seqs === undefined) throw new Error(`${conversationId} is nobody's`);
    if (seq > (seqs.at(-1) ?? -1)) seqs.push(seq);
  }
  const all = Array.from({ length: head }, (_, n) => n + 1);
  for (const [id, seqs] of firsts) expect(seqs, id).toEqual(all);
  return records.length - ids.length * head;
}
