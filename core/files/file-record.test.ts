import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConversationId } from "../../protocol/ids.ts";
import {
  addressOfKey,
  canHoldFiles,
  filePrefix,
  originalKey,
  purgeAt,
  thumbnailKey,
} from "./file-record.ts";

const addresses = fc
  .record({
    id: fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/),
    long: fc.stringMatching(/^[a-z]{1,440}$/),
    isLong: fc.boolean(),
    n: fc.integer({ min: 1, max: 1_000_000 }),
  })
  .map(({ id, long, isLong, n }) => {
    const parsed = parseConversationId(isLong ? `${long}_${long}` : id);
    if (!parsed.ok) throw new Error("a made-up id should parse");
    return { conversationId: parsed.value, n };
  });

test("a key names its file, and fits into what stores take", () => {
  fc.assert(
    fc.property(addresses, fc.integer({ min: 1, max: 1_024 }), (address, pixels) => {
      for (const key of [originalKey(address), thumbnailKey(address, pixels)]) {
        expect(addressOfKey(key)).toEqual(address);
        expect(key.startsWith(filePrefix(address))).toBe(true);
        expect(key.length).toBeLessThanOrEqual(1_024);
        for (const segment of key.split("/")) expect(segment.length).toBeLessThanOrEqual(200);
      }
      expect(canHoldFiles(address)).toBe(true);
    }),
  );
});

test("one file's prefix is never the beginning of another's key", () => {
  fc.assert(
    fc.property(addresses, addresses, (one, other) => {
      fc.pre(one.n !== other.n || one.conversationId !== other.conversationId);
      expect(originalKey(other).startsWith(filePrefix(one))).toBe(false);
    }),
  );
});

test.each([
  "",
  "f/",
  "staging/1",
  "f/a/b/original",
  "f/a/0/original",
  "f/a/1/other",
  "x/a/1/original",
])("%j is no key of ours", (key) => {
  expect(addressOfKey(key)).toBeNull();
});

test("[FIL-9] when bytes may go", () => {
  const times = { now: 1_000, graceMs: 50, uploadMs: 7 };
  const at = (state: Parameters<typeof purgeAt>[0]["state"], references = 0) =>
    purgeAt({ state, createdAt: 900 }, references, times);
  expect(at("pending")).toBe(907);
  expect(at("stored")).toBeNull();
  expect(at("deleted")).toBe(1_050);
  expect(at("deleted", 1)).toBeNull();
  expect(at("purged")).toBeNull();
});
