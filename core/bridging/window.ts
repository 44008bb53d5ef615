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
  /** When its first event was written; epoch ms. */
  oldestAt: number;
  batch: Batch;
}

/** Batches that are written together. */
export interface Group<Batch> {
  arrivals: readonly Arrival<Batch>[];
  eventCount: number;
}

/** What one link is told once a group is written: how far each conversation is, and how much more to send. */
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
 * What the bridge holds for one sink, from arrival until the sink has it. Credit is conserved: for each live link, what
 * the shard may still send and what is in hand always add up to `linkEvents`. Several groups may be written at once, no
 * two of them with the same conversation. Rules OBX-3 and OBX-4.
 */
export class BridgeWindow<Batch> {
  readonly #bounds: WindowBounds;
  readonly #links = new Map<LinkId, { unsettled: number }>();
  #waiting: Arrival<Batch>[] = [];
  /** Arrivals of groups that are being written, by conversation. */
  readonly #writing = new Map<string, Arrival<Batch>>();
  #inHand = 0;

  constructor(bounds: WindowBounds) {
    this.#bounds = bounds;
  }

  /** Events that arrived and are not settled, those of lost links included while their group is being written. */
  get inHand(): number {
    return this.#inHand;
  }

  /** When the oldest event in hand was written, epoch ms; null when nothing is in hand. */
  get oldestAt(): number | null {
    const inHand = [...this.#writing.values(), ...this.#waiting];
    return inHand.reduce<number | null>(
      (oldest, { oldestAt }) => (oldest === null ? oldestAt : Math.min(oldest, oldestAt)),
      null,
    );
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

  /**
   * Takes out the oldest batches that fit one group; null when nothing waits but conversations that are being written.
   * Those come when their batch is settled: over a new link a shard may send what an old link's group still holds.
   */
  nextGroup(): Group<Batch> | null {
    const arrivals: Arrival<Batch>[] = [];
    const left: Arrival<Batch>[] = [];
    const taken = new Set<string>();
    let eventCount = 0;
    let bytes = 0;
    let isFull = false;
    for (const arrival of this.#waiting) {
      const { conversationId } = arrival;
      isFull ||=
        arrivals.length > 0 &&
        (eventCount + arrival.eventCount > this.#bounds.groupEvents ||
          bytes + arrival.bytes > this.#bounds.groupBytes);
      if (isFull || taken.has(conversationId) || this.#writing.has(conversationId)) {
        left.push(arrival);
        continue;
      }
      taken.add(conversationId);
      arrivals.push(arrival);
      eventCount += arrival.eventCount;
      bytes += arrival.bytes;
    }
    if (arrivals.length === 0) return null;
    this.#waiting = left;
    for (const arrival of arrivals) this.#writing.set(arrival.conversationId, arrival);
    return { arrivals, eventCount };
  }

  /** The sink has the group: what to tell each link that is still up, acks in the order of arrival. */
  settled(group: Group<Batch>): Settlement[] {
    const settlements = new Map<LinkId, Settlement>();
    this.#inHand -= group.eventCount;
    for (const { link, conversationId, lastSeq, eventCount } of group.arrivals) {
      this.#writing.delete(conversationId);
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
