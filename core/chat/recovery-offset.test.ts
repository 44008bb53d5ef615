import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_FOLLOWED, offsetEntry, offsetText, parseOffset } from "./recovery-offset.ts";

const key = fc.stringMatching(/^[A-Za-z0-9_-]{8}$/);
const cursor = fc.integer({ min: 0, max: 2 ** 36 - 1 });

test("an offset gives back the cursors it was made of", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(key, cursor), { selector: ([name]) => name }),
      (entries) => {
        expect(
          parseOffset(
            offsetText(
              5_999,
              entries.map(([name, seq]) => offsetEntry(name, seq)),
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
  const name = "general0";
  const whole = offsetText(0, [offsetEntry(name, 7)]);
  expect(parseOffset(whole)).toEqual({ at: 0, cursors: new Map([[name, 7]]) });
  for (const broken of ["", "2", "1.", whole.slice(0, -1), `${whole}!`, `${whole}A`]) {
    expect(parseOffset(broken)).toBeNull();
  }
  const full = offsetText(
    0,
    Array.from({ length: MAX_FOLLOWED }, () => offsetEntry(name, 1)),
  );
  expect(parseOffset(full)).not.toBeNull();
  expect(parseOffset(`${full}${whole.slice(8)}`)).toBeNull();
});
