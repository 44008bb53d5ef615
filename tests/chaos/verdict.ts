/** What one participant was told and shown. */
export interface Witness {
  /** Every ack, by client message id. */
  acked: ReadonlyMap<string, { seq: number }>;
  /** Every event, in the order it was shown. */
  seen: readonly Entry[];
}

export interface Entry {
  seq: number;
  clientMessageId?: string;
}

export interface Verdict {
  /** Sends that were acked. */
  acked: number;
  /** Events shown, all participants together. */
  delivered: number;
  /** Acks whose message is not in the log at their seq, and events of the log that a participant was never shown. */
  lost: number;
  /** Client message ids that the log holds again, and events shown again. */
  duplicated: number;
  /** Events shown after a later one, and places of the log that do not follow the one before. */
  reordered: number;
}

/** Judges a finished run: `log` is what the conversation holds, in its own order. */
export function judge(log: readonly Entry[], witnesses: readonly Witness[]): Verdict {
  const bySeq = new Map(log.map(({ seq, clientMessageId }) => [seq, clientMessageId]));
  const verdict: Verdict = { acked: 0, delivered: 0, lost: 0, duplicated: 0, reordered: 0 };
  verdict.duplicated +=
    log.length - new Set(log.map(({ clientMessageId }) => clientMessageId)).size;
  verdict.reordered += log.filter(({ seq }, index) => seq !== index + 1).length;
  for (const { acked, seen } of witnesses) {
    verdict.acked += acked.size;
    verdict.delivered += seen.length;
    for (const [clientMessageId, { seq }] of acked) {
      if (bySeq.get(seq) !== clientMessageId) verdict.lost++;
    }
    const shown = new Set(seen.map((entry) => `${entry.seq} ${entry.clientMessageId}`));
    verdict.lost += log.filter(
      (entry) => !shown.has(`${entry.seq} ${entry.clientMessageId}`),
    ).length;
    verdict.duplicated += seen.length - new Set(seen.map(({ seq }) => seq)).size;
    verdict.reordered += seen.filter(({ seq }, index) => seq < (seen[index - 1]?.seq ?? 0)).length;
  }
  return verdict;
}
