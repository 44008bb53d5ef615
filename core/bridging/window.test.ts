import fc from "fast-check";
import { expect, test } from "vitest";
import { BridgeWindow, type Arrival, type Group } from "./window.ts";

const bounds = { linkEvents: 10, groupEvents: 6, groupBytes: 1_000 };

function arrival(
  link: number,
  conversationId: string,
  lastSeq: number,
  eventCount: number,
  bytes = 10,
) {
  return {
    link,
    conversationId,
    lastSeq,
    eventCount,
    bytes,
    oldestAt: lastSeq,
    batch: `${conversationId}@${lastSeq}`,
  };
}

test("a group takes waiting batches in order of arrival, up to its bound of events", () => {
  const window = new BridgeWindow<string>(bounds);
  window.opened(1);
  for (const one of [arrival(1, "a", 4, 4), arrival(1, "b", 2, 2), arrival(1, "c", 1, 1)])
    window.arrived(one);
  expect(window.nextGroup()?.arrivals.map(({ batch }) => batch)).toEqual(["a@4", "b@2"]);
  expect(window.nextGroup()?.arrivals.map(({ batch }) => batch)).toEqual(["c@1"]);
  expect(window.nextGroup()).toBeNull();
});

test("a batch larger than a group still gets one of its own", () => {
  const window = new BridgeWindow<string>(bounds);
  window.opened(1);
  window.arrived(arrival(1, "a", 9, 9));
  window.arrived(arrival(1, "b", 1, 1));
  expect(window.nextGroup()?.eventCount).toBe(9);
});

test("the bytes close a group as well", () => {
  const window = new BridgeWindow<string>(bounds);
  window.opened(1);
  window.arrived(arrival(1, "a", 1, 1, 900));
  window.arrived(arrival(1, "b", 1, 1, 200));
  expect(window.nextGroup()?.eventCount).toBe(1);
});

test("[OBX-4] a batch may overdraw the link's credit once, and without credit none is taken in", () => {
  const window = new BridgeWindow<string>(bounds);
  expect(window.opened(1)).toBe(10);
  expect(window.arrived(arrival(1, "a", 9, 9))).toBe(true);
  expect(window.arrived(arrival(1, "b", 4, 4))).toBe(true);
  expect(window.creditOf(1)).toBe(-3);
  expect(window.arrived(arrival(1, "c", 1, 1))).toBe(false);
  expect(window.inHand).toBe(13);
});

test("a settled group acks and credits the link it came over, and no link that is gone", () => {
  const window = new BridgeWindow<string>(bounds);
  window.opened(1);
  window.opened(2);
  window.arrived(arrival(1, "a", 3, 3));
  window.arrived(arrival(2, "b", 2, 2));
  const group = window.nextGroup();
  window.closed(2);
  expect(group === null ? null : window.settled(group)).toEqual([
    { link: 1, acks: [{ conversationId: "a", seq: 3 }], credit: 3 },
  ]);
  expect(window.inHand).toBe(0);
});

test("groups that are written at once never hold the same conversation, also when its link came up anew", () => {
  const window = new BridgeWindow<string>(bounds);
  window.opened(1);
  window.arrived(arrival(1, "a", 3, 3));
  const old = window.nextGroup();
  window.closed(1);
  window.opened(2);
  window.arrived(arrival(2, "a", 4, 4));
  window.arrived(arrival(2, "b", 1, 1));
  expect(window.nextGroup()?.arrivals.map(({ batch }) => batch)).toEqual(["b@1"]);
  expect(window.nextGroup()).toBeNull();
  expect(window.oldestAt).toBe(1);
  if (old !== null) window.settled(old);
  expect(window.nextGroup()?.arrivals.map(({ batch }) => batch)).toEqual(["a@4"]);
});

/** A shard as the protocol has it: consecutive events, one batch per conversation in flight, none without credit. */
class ShardModel {
  link: number;
  credit: number;
  readonly acked = new Map<string, number>();
  readonly #inFlight = new Set<string>();

  constructor(link: number, credit: number) {
    this.link = link;
    this.credit = credit;
  }

  redialled(link: number, credit: number): void {
    this.link = link;
    this.credit = credit;
    this.#inFlight.clear();
  }

  batch(conversationId: string, eventCount: number): Arrival<string> | null {
    if (this.credit <= 0 || this.#inFlight.has(conversationId)) return null;
    this.#inFlight.add(conversationId);
    this.credit -= eventCount;
    const lastSeq = (this.acked.get(conversationId) ?? 0) + eventCount;
    return arrival(this.link, conversationId, lastSeq, eventCount);
  }

  ack(conversationId: string, seq: number): void {
    expect(seq).toBeGreaterThan(this.acked.get(conversationId) ?? 0);
    this.acked.set(conversationId, seq);
    this.#inFlight.delete(conversationId);
  }
}

type Step =
  | { type: "batch"; shard: number; conversation: number; events: number }
  | { type: "redial"; shard: number }
  | { type: "take" }
  | { type: "settle" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("batch" as const),
      shard: fc.nat(2),
      conversation: fc.nat(4),
      events: fc.integer({ min: 1, max: 7 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("redial" as const), shard: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.constant({ type: "take" as const }) },
  { weight: 3, arbitrary: fc.constant({ type: "settle" as const }) },
);

test("[OBX-3] [OBX-4] whatever is cut and whenever: acks ascend and follow the write, and credit is conserved", () => {
  let acks = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 60, maxLength: 120 }), (steps) => {
      const window = new BridgeWindow<string>(bounds);
      let links = 0;
      const open = () => [++links, window.opened(links)] as const;
      const shards = [
        new ShardModel(...open()),
        new ShardModel(...open()),
        new ShardModel(...open()),
      ];
      const taken: Group<string>[] = [];
      for (const one of steps) {
        const shard = shards["shard" in one ? one.shard : 0];
        if (shard === undefined) throw new Error("three shards");
        switch (one.type) {
          case "batch": {
            const batch = shard.batch(`${one.shard}-${one.conversation}`, one.events);
            if (batch !== null) expect(window.arrived(batch)).toBe(true);
            break;
          }
          case "redial":
            window.closed(shard.link);
            shard.redialled(...open());
            break;
          case "take": {
            const group = window.nextGroup();
            if (group !== null) taken.push(group);
            break;
          }
          case "settle": {
            const group = taken.shift();
            const written = new Set(group?.arrivals.map(({ batch }) => batch));
            for (const settlement of group === undefined ? [] : window.settled(group)) {
              const owner = shards.find(({ link }) => link === settlement.link);
              if (owner === undefined) throw new Error("a settlement for a link that is gone");
              owner.credit += settlement.credit;
              for (const { conversationId, seq } of settlement.acks) {
                expect(written).toContain(`${conversationId}@${seq}`);
                owner.ack(conversationId, seq);
                acks++;
              }
            }
          }
        }
        for (const { link, credit } of shards) expect(credit).toBe(window.creditOf(link));
        expect(window.inHand).toBeGreaterThanOrEqual(0);
      }
    }),
  );
  expect(acks).toBeGreaterThan(100);
});
