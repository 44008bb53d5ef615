import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DueTable } from "./due-table.ts";

describe(DueTable, () => {
  test("[TIM-1] the earlier wish stands", () => {
    const table = new DueTable<"a">();
    expect(table.within("a", 100)).toBe(true);
    expect(table.within("a", 200)).toBe(false);
    expect(table.within("a", 50)).toBe(true);
    expect(table.next()).toBe(50);
  });

  test("[TIM-1] what is due comes out once, earliest first; the rest stays", () => {
    const table = new DueTable<"a" | "b" | "c">([
      ["a", 30],
      ["b", 10],
      ["c", 99],
    ]);
    expect(table.takeDue(30)).toEqual(["b", "a"]);
    expect(table.takeDue(30)).toEqual([]);
    expect(table.next()).toBe(99);
  });

  test("[TIM-1] what was done before its time is due no more", () => {
    const table = new DueTable<"a" | "b">([["a", 10]]);
    expect(table.drop("a")).toBe(true);
    expect(table.drop("b")).toBe(false);
    expect(table.next()).toBe(null);
  });

  test("[TIM-1] nothing is ever due and forgotten", () => {
    const wish = fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(100));
    fc.assert(
      fc.property(fc.array(wish), fc.nat(100), (wishes, now) => {
        const table = new DueTable<string>();
        for (const [kind, at] of wishes) table.within(kind, at);
        const earliest = Map.groupBy(wishes, ([kind]) => kind);
        const due = table.takeDue(now);
        for (const [kind, all] of earliest) {
          const first = Math.min(...all.map(([, at]) => at));
          expect(due.includes(kind)).toBe(first <= now);
          expect(table.at(kind)).toBe(first <= now ? null : first);
        }
      }),
    );
  });
});
