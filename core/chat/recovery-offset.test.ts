import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConversationId, type ConversationId } from "../../protocol/ids.ts";
import {
  MAX_FOLLOWED,
  offsetEntry,
  offsetKey,
  offsetText,
  parseOffset,
} from "./recovery-offset.ts";

const conversationId = fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/).map((text): ConversationId => {
  const parsed = parseConversationId(text);
  if (!parsed.ok) throw new Error("the pattern is that of group ids");
  return parsed.value;
});
const cursor = fc.integer({ min: 0, max: 2 ** 36 - 1 });

test("an offset gives back the cursors it was made of", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(conversationId, cursor), { selector: ([id]) => id }),
      (cursors) => {
        const entries = cursors.map(([id, seq]) => [offsetKey(id), seq] as const);
        expect(
          parseOffset(
            offsetText(
              5_999,
              entries.map(([key, seq]) => offsetEntry(key, seq)),
            ),
          ),
        ).toEqual({
          at: 5_000,
          cursors: new Map(entries),
        });
      },
    ),
  );
});

test("nothing that a client may claim breaks it: what no server wrote is null", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseOffset(text)));
  const [key] = [offsetKey("g" as ConversationId)]; // a group id, as the pattern above
  const whole = offsetText(0, [offsetEntry(key, 7)]);
  expect(parseOffset(whole)).toEqual({ at: 0, cursors: new Map([[key, 7]]) });
  for (const broken of ["", "1", "2.", whole.slice(0, -1), `${whole}!`, `${whole}A`]) {
    expect(parseOffset(broken)).toBeNull();
  }
  const full = offsetText(
    0,
    Array.from({ length: MAX_FOLLOWED }, () => offsetEntry(key, 1)),
  );
  expect(parseOffset(full)).not.toBeNull();
  expect(parseOffset(`${full}${whole.slice(8)}`)).toBeNull();
});

test("ten thousand conversations have ten thousand keys", () => {
  const keys = Array.from({ length: 10_000 }, (_, n) => offsetKey(`group-${n}` as ConversationId)); // as above
  expect(new Set(keys).size).toBe(keys.length);
});
