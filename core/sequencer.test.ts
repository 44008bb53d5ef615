import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryConversation } from "../tests/support/memory-conversation.ts";
import type { PendingAppend } from "./sequencer.ts";

/** One message under a key of the test's choice. */
function keyed(userId: string, clientMessageId: string, ifLastSeq?: number): PendingAppend {
  const body = JSON.stringify({ type: "TEXT", content: clientMessageId });
  const change = { type: "message" as const, body, mentions: null };
  const actor = { userId, authority: "member" as const };
  return { actor, changes: [{ clientMessageId, change }], ifLastSeq };
}

function group(): MemoryConversation {
  return new MemoryConversation({ ada: "owner", bob: "member" });
}

const placed = (seq: number, at: number, repeated = false) => ({
  ok: true,
  value: [{ seq, at, repeated }],
});

describe("a group of sends", () => {
  test("[ORD-2] gets the next seqs in its order, and one time", () => {
    const conversation = group();
    const first = conversation.append([keyed("ada", "a"), keyed("bob", "b")], 10);
    expect(first.outcomes).toEqual([placed(1, 10), placed(2, 10)]);
    expect(first.end).toEqual({ head: 2, at: 10 });
    const second = conversation.append([keyed("ada", "c")], 20);
    expect(second.outcomes).toEqual([placed(3, 20)]);
    expect(
      conversation.rows.map(({ seq, senderId, clientMessageId }) => [
        seq,
        senderId,
        clientMessageId,
      ]),
    ).toEqual([
      [1, "ada", "a"],
      [2, "bob", "b"],
      [3, "ada", "c"],
    ]);
  });

  test("[ORD-3] finds the first place of a key again, in the same group and in later ones", () => {
    const conversation = group();
    const once = conversation.append([keyed("ada", "a"), keyed("ada", "a"), keyed("ada", "b")], 10);
    expect(once.outcomes).toEqual([placed(1, 10), placed(1, 10, true), placed(2, 10)]);
    const again = conversation.append([keyed("ada", "b"), keyed("ada", "a")], 99);
    expect(again.outcomes).toEqual([placed(2, 10, true), placed(1, 10, true)]);
    expect(again.rows).toEqual([]);
    expect(again.end).toEqual({ head: 2, at: 10 });
  });

  test("[ORD-3] takes the same key of two senders for two messages", () => {
    const { outcomes } = group().append([keyed("ada", "k"), keyed("bob", "k")], 1);
    expect(outcomes).toEqual([placed(1, 1), placed(2, 1)]);
  });

  test("[ORD-4] never gets a time before that of the log's end, whatever the clock says", () => {
    const conversation = group();
    conversation.append([keyed("ada", "a")], 100);
    expect(conversation.append([keyed("ada", "b")], 50).outcomes).toEqual([placed(2, 100)]);
    expect(conversation.append([keyed("ada", "c")], 101).outcomes).toEqual([placed(3, 101)]);
  });

  test("[SND-4] is refused with the end of the log when something came in between, unless it is there already", () => {
    const conversation = group();
    const { outcomes } = conversation.append([keyed("ada", "a", 0), keyed("bob", "b", 0)], 1);
    expect(outcomes[0]).toEqual(placed(1, 1));
    expect(outcomes[1]).toMatchObject({ ok: false, error: { code: "CONFLICT", lastSeq: 1 } });
    const again = conversation.append([keyed("ada", "a", 0), keyed("bob", "b", 1)], 2);
    expect(again.outcomes).toEqual([placed(1, 1, true), placed(2, 2)]);
  });

  test("of somebody who is no member leaves no trace, and costs the others no seq", () => {
    const conversation = group();
    const { outcomes, rows } = conversation.append(
      [keyed("ada", "a"), keyed("mallory", "m"), keyed("bob", "b")],
      1,
    );
    expect(outcomes[1]).toMatchObject({ ok: false, error: { code: "NOT_FOUND" } });
    expect(rows.map(({ seq, senderId }) => [seq, senderId])).toEqual([
      [1, "ada"],
      [2, "bob"],
    ]);
  });
});

test("[ORD-2] [ORD-3] [ORD-4] whatever is sent in whatever groups under whatever clock: one dense log, each key once, times ascending", () => {
  const send = fc.record({
    sender: fc.constantFrom("ada", "bob", "mallory"),
    key: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    ifLastSeq: fc.option(fc.nat({ max: 6 }), { freq: 4, nil: undefined }),
  });
  const groups = fc.array(
    fc.record({ now: fc.nat({ max: 100 }), sends: fc.array(send, { maxLength: 6 }) }),
    {
      maxLength: 12,
      size: "max",
    },
  );
  fc.assert(
    fc.property(groups, (groups) => {
      const conversation = group();
      const places = new Map<string, { seq: number; at: number }>();
      for (const { now, sends } of groups) {
        const appends = sends.map(({ sender, key, ifLastSeq }) => keyed(sender, key, ifLastSeq));
        const { outcomes, rows, end } = conversation.append(appends, now);
        expect(outcomes).toHaveLength(sends.length);
        for (const [index, { sender, key }] of sends.entries()) {
          const outcome = outcomes[index];
          const place = outcome?.ok === true ? outcome.value[0] : undefined;
          if (place === undefined) continue;
          const { repeated, ...where } = place;
          const first = places.get(`${sender} ${key}`);
          expect(repeated).toBe(first !== undefined);
          expect(where).toEqual(first ?? where);
          places.set(`${sender} ${key}`, where);
        }
        expect(end.head).toBe(conversation.rows.length);
        expect(conversation.rows.slice(conversation.rows.length - rows.length)).toEqual(rows);
      }
      const log = conversation.rows;
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
      const times = log.map(({ at }) => at);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      const stored = log.map(({ senderId, clientMessageId }) => `${senderId} ${clientMessageId}`);
      expect(new Set(stored)).toEqual(new Set(places.keys()));
      expect(stored).toHaveLength(places.size);
      expect(log.every(({ senderId }) => senderId !== "mallory")).toBe(true);
    }),
  );
});
