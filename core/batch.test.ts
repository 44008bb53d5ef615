import { expect, test } from "vitest";
import { asMember, said, textChange } from "../tests/support/changes.ts";
import { MemoryConversation } from "../tests/support/memory-conversation.ts";
import type { KeyedChange, PendingAppend } from "./sequencer.ts";

function batch(
  userId: string,
  keys: readonly [string, ...string[]],
  ifLastSeq?: number,
): PendingAppend {
  const [first, ...others] = keys.map((clientMessageId): KeyedChange => ({
    clientMessageId,
    change: textChange(clientMessageId),
  }));
  if (first === undefined) throw new Error("a batch holds something");
  return { actor: asMember(userId), changes: [first, ...others], ifLastSeq };
}

function group() {
  return new MemoryConversation({ ada: "owner", di: "member" });
}

test("[SND-5] a batch is stored whole, with consecutive places", () => {
  const conversation = group();
  const { outcomes, rows } = conversation.append(
    [said("di", "before"), batch("ada", ["a", "b", "c"])],
    1,
  );
  expect(outcomes[1]).toMatchObject({ ok: true, value: [{ seq: 2 }, { seq: 3 }, { seq: 4 }] });
  expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
});

test("[SND-5] the same batch again gets the same places", () => {
  const conversation = group();
  const first = conversation.append([batch("ada", ["a", "b"])], 1);
  const again = conversation.append([batch("ada", ["a", "b"])], 2);
  expect(again.rows).toEqual([]);
  expect(again.outcomes).toEqual([
    {
      ok: true,
      value: [
        { seq: 1, at: 1, repeated: true },
        { seq: 2, at: 1, repeated: true },
      ],
    },
  ]);
  expect(first.rows).toHaveLength(2);
});

test.each([
  ["a key that was used alone before", ["new", "old"], "CONFLICT"],
  ["a key twice in it", ["x", "x"], "INVALID_DATA"],
] as const)("[SND-5] %s refuses the whole batch, and nothing is stored", (_what, keys, code) => {
  const conversation = group();
  conversation.append([batch("ada", ["old"])], 1);
  const { outcomes, rows } = conversation.append([batch("ada", [...keys])], 2);
  expect(outcomes[0]).toMatchObject({ ok: false, error: { code } });
  expect(rows).toEqual([]);
  expect(conversation.head).toBe(1);
});

test("[SND-5] somebody who may not send sends no batch either", () => {
  const conversation = group();
  const { outcomes, rows } = conversation.append([batch("stranger", ["a", "b"])], 1);
  expect(outcomes[0]).toMatchObject({ ok: false, error: { code: "NOT_FOUND" } });
  expect(rows).toEqual([]);
});

test("[SND-4] [SND-5] of two conditional batches for the same place, the first one wins", () => {
  const conversation = group();
  const { outcomes } = conversation.append(
    [batch("ada", ["a", "b"], 0), batch("di", ["c", "d"], 0)],
    1,
  );
  expect(outcomes).toMatchObject([
    { ok: true },
    { ok: false, error: { code: "CONFLICT", lastSeq: 2 } },
  ]);
});
