import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { partBytesFor, planParts } from "./part-plan.ts";

const R2_LEAST_PART = 5 * 1_048_576;
const sizes = fc.oneof(
  fc.integer({ min: 1, max: LIMITS.fileBytes }),
  fc.constantFrom(1, LIMITS.singlePutBytes, LIMITS.singlePutBytes + 1, LIMITS.fileBytes),
);

test("the parts are the file: one after the other, without gap or overlap", () => {
  fc.assert(
    fc.property(sizes, (size) => {
      const parts = planParts(size, partBytesFor(size));
      let at = 0;
      for (const [index, { part, offset, length }] of parts.entries()) {
        expect({ part, offset }).toEqual({ part: index + 1, offset: at });
        expect(length).toBeGreaterThan(0);
        at += length;
      }
      expect(at).toBe(size);
    }),
  );
});

test("all parts but the last are equal and large enough for R2, and there are not too many", () => {
  fc.assert(
    fc.property(sizes, (size) => {
      const parts = planParts(size, partBytesFor(size));
      const lengths = new Set(parts.slice(0, -1).map(({ length }) => length));
      expect(lengths.size).toBeLessThanOrEqual(1);
      for (const length of lengths) expect(length).toBeGreaterThanOrEqual(R2_LEAST_PART);
      expect(parts.length).toBeLessThanOrEqual(LIMITS.fileParts);
      expect(parts.length === 1).toBe(size <= LIMITS.singlePutBytes);
    }),
  );
});
