/** One connection to a shard; a shard that is dialled again is another link. */
export type LinkId = number;

/** What the window needs to know of a batch; the shell's own batch rides along. */
export interface Arrival<Batch> {
  link: LinkId;
  conversationId: string;
  /** Seq of the batch's last event. */
  lastSeq: number;
  eventCount: number;
  bytes: number;
  batch: Batch;
}

/** Batches that are written together. */
export interface Group<Batch> {
  arrivals: readonly Arrival<Batch>[];
  eventCount: number;
}

/** What one link is told once a group is written: how far each conversation is archived, and how much more to send. */
export interface Settlement {
  link: LinkId;
  acks: { conversationId: string; seq: number }[];
  credit: number;
}

export interface WindowBounds {
  /** Events one link may have unsettled before it gets no more; its last batch may go beyond. */
  linkEvents: number;
  /** Events and bytes that close a group; its first batch is taken whatever its size. */
  groupEvents: number;
  groupBytes: number;
}

/**
 * What the bridge holds, from arrival until every sink has it. Credit is conserved: for each live link, what the
 * shard may still send and what is in hand always add up to `linkEvents`. Rules OBX-3 and OBX-4.
 */
export class BridgeWindow<Batch> {
  readonly #bounds: WindowBounds;
  readonly #links = new Map<LinkId, { unsettled: number }>();
  #waiting: Arrival<Batch>[] = [];
  #inHand = 0;

  constructor(bounds: WindowBounds) {
    this.#bounds = bounds;
  }

  /** Events that arrived and are not settled, those of lost links included while their group is being written. */
  get inHand(): number {
    return this.#inHand;
  }

  /** Events that the link's shard may still send; below 0 while a batch has overdrawn it. */
  creditOf(link: LinkId): number {
    const state = this.#links.get(link);
    return state === undefined ? 0 : this.#bounds.linkEvents - state.unsettled;
  }

  /** A link came up; answers the credit to grant it. */
  opened(link: LinkId): number {
    this.#links.set(link, { unsettled: 0 });
    return this.#bounds.linkEvents;
  }

  /** The link is gone. Its shard sends again what was not acked, so what still waits is let go. */
  closed(link: LinkId): void {
    this.#links.delete(link);
    this.#waiting = this.#waiting.filter((arrival) => {
      if (arrival.link !== link) return true;
      this.#inHand -= arrival.eventCount;
      return false;
    });
  }

  /** Takes a batch in; false when its link is gone or had no credit left. A batch may overdraw it once. */
  arrived(arrival: Arrival<Batch>): boolean {
    const state = this.#links.get(arrival.link);
    if (state === undefined || state.unsettled >= this.#bounds.linkEvents) return false;
    state.unsettled += arrival.eventCount;
    this.#inHand += arrival.eventCount;
    this.#waiting.push(arrival);
    return true;
  }

  /** Takes out the oldest batches that fit one group; null when nothing waits. */
  nextGroup(): Group<Batch> | null {
    let count = 0;
    let eventCount = 0;
    let bytes = 0;
    for (const arrival of this.#waiting) {
      const full =
        eventCount + arrival.eventCount > this.#bounds.groupEvents ||
        bytes + arrival.bytes > this.#bounds.groupBytes;
      if (count > 0 && full) break;
      count++;
      eventCount += arrival.eventCount;
      bytes += arrival.bytes;
    }
    if (count === 0) return null;
    const arrivals = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return { arrivals, eventCount };
  }

  /** Every sink has the group: what to tell each link that is still up, acks in the order of arrival. */
  settled(group: Group<Batch>): Settlement[] {
    const settlements = new Map<LinkId, Settlement>();
    this.#inHand -= group.eventCount;
    for (const { link, conversationId, lastSeq, eventCount } of group.arrivals) {
      const state = this.#links.get(link);
      if (state === undefined) continue;
      state.unsettled -= eventCount;
      const settlement = settlements.get(link) ?? { link, acks: [], credit: 0 };
      settlement.acks.push({ conversationId, seq: lastSeq });
      settlement.credit += eventCount;
      settlements.set(link, settlement);
    }
    return [...settlements.values()];
  }
}
