import fc from "fast-check";
import { expect, test } from "vitest";
import { isInvisible, turned } from "./visibility.ts";

test("a user is seen before the first turn", () => {
  expect(isInvisible(0)).toBe(false);
});

test("[LIV-5] however a user turns, the highest visibility says what he wanted last, and no turn goes back", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1 }), (wishes) => {
      let visibility = 0;
      for (const invisible of wishes) {
        const after = turned(visibility, invisible);
        expect(after - visibility).toBe(isInvisible(visibility) === invisible ? 0 : 1);
        visibility = after;
      }
      expect(isInvisible(visibility)).toBe(wishes.at(-1));
    }),
  );
});
