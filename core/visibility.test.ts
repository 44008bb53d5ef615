import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isInvisible, renewed, turned, turnsBetween, type Shown } from "./visibility.ts";

test("a user is seen before the first turn", () => {
  expect(isInvisible(0)).toBe(false);
});

test("[LIV-5] however a user turns and blocks, the highest visibility says what he wanted last, and none goes back", () => {
  const wish = fc.constantFrom("invisible", "visible", "block");
  fc.assert(
    fc.property(fc.array(wish), (wishes) => {
      let visibility = 0;
      for (const each of wishes) {
        const before = visibility;
        visibility = each === "block" ? renewed(before) : turned(before, each === "invisible");
        const isWanted = each !== "block" && isInvisible(before) === (each === "invisible");
        if (isWanted) expect(visibility).toBe(before);
        else expect(visibility).toBeGreaterThan(before);
      }
      const last = wishes.findLast((each) => each !== "block") ?? "visible";
      expect(isInvisible(visibility)).toBe(last === "invisible");
    }),
  );
});

describe("[LIV-6] a change of who sees somebody", () => {
  const READERS = ["ada", "bob", "eve"];
  const isShownTo = ({ isUnseen, hiddenFrom }: Shown, reader: string) =>
    !isUnseen && !hiddenFrom.has(reader);
  const shown = fc.record({
    isUnseen: fc.boolean(),
    hiddenFrom: fc.uniqueArray(fc.constantFrom(...READERS)).map((ids) => new Set(ids)),
  });

  test("is told to whom it is one, once, and to nobody else", () => {
    fc.assert(
      fc.property(shown, shown, (before, after) => {
        const turns = turnsBetween(before, after);
        for (const reader of READERS) {
          const told = turns
            .filter(
              ({ only, hiddenFrom }) => (only ?? reader) === reader && !hiddenFrom?.has(reader),
            )
            .map(({ online }) => online);
          const [was, is] = [isShownTo(before, reader), isShownTo(after, reader)];
          expect(told).toEqual(was === is ? [] : [is]);
        }
      }),
    );
  });
});
