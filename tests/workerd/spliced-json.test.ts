import fc from "fast-check";
import { expect, test } from "vitest";
import { splicedJson } from "../../durable-objects/inbox/spliced-json.ts";

const encode = (text: string) => new TextEncoder().encode(text);

test("whatever the items: it reads as the list of them, between what stands around it", () => {
  const anything = fc.string({ unit: "grapheme" });
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), anything, (items, around) => {
      const [before, after] = [`{"around":${JSON.stringify(around)},"items":[`, `]}`];
      const bytes = splicedJson(
        before,
        items.map((item) => encode(JSON.stringify(item))),
        after,
      );
      expect(bytes).toEqual(encode(JSON.stringify({ around, items })));
    }),
    {
      examples: [
        [[], ""],
        [["🙂", "é", "a"], "ك"],
      ],
    },
  );
});
