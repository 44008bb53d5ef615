import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { LIMITS } from "./limits.ts";
import {
  clientMessageIdSchema,
  emojiSchema,
  messageDraftSchema,
  SENDABLE_TYPES,
} from "./message.ts";

const isDraft = (value: unknown) => v.safeParse(messageDraftSchema, value).success;
/** As many bytes of two-byte letters. */
const twoByteText = (bytes: number) => "é".repeat(Math.floor(bytes / 2)) + "e".repeat(bytes % 2);

describe("a draft", () => {
  test("[SND-2] is a TEXT unless it says otherwise, and keeps no unknown field", () => {
    expect(v.parse(messageDraftSchema, { content: "hi", color: "red" })).toEqual({
      type: "TEXT",
      content: "hi",
    });
  });

  test("[SND-2] of text needs content or an attachment", () => {
    expect(isDraft({})).toBe(false);
    expect(isDraft({ content: "", attachments: [] })).toBe(false);
    expect(isDraft({ attachments: ["team.f1"] })).toBe(true);
    expect(isDraft({ content: " " })).toBe(true);
  });

  test.each(SENDABLE_TYPES)("[SND-2] may be %s", (type) => {
    expect(isDraft({ type, content: "x" })).toBe(true);
  });

  test.each(["SYSTEM", "text", "", 7, null])("[SND-2] is never of type %j", (type) => {
    expect(isDraft({ type, content: "x" })).toBe(false);
  });

  test.each([
    ["content", (size: number) => ({ content: twoByteText(size) }), LIMITS.contentBytes],
    ["mentions", (size: number) => ({ mentions: Array(size).fill("u") }), LIMITS.mentions],
    ["attachments", (size: number) => ({ attachments: Array(size).fill("f") }), LIMITS.attachments],
    [
      "metadata",
      (size: number) => ({ metadata: { a: twoByteText(size - '{"a":""}'.length) } }),
      LIMITS.metadataBytes,
    ],
    [
      "levels of metadata",
      (size: number) => ({ metadata: JSON.parse(`${'{"a":'.repeat(size)}0${"}".repeat(size)}`) }),
      LIMITS.metadataDepth,
    ],
  ])("[LIM-3] takes %s up to the limit and not beyond", (_name, part, limit) => {
    expect(isDraft({ content: "x", ...part(limit) })).toBe(true);
    expect(isDraft({ content: "x", ...part(limit + 1) })).toBe(false);
  });

  test.each([
    ["replyTo", { replyTo: "" }],
    ["mentions", { mentions: [""] }],
    ["attachments", { attachments: [7] }],
    ["metadata", { metadata: "text" }],
    ["metadata", { metadata: ["a list"] }],
    ["content", { content: null }],
  ])("does not take such %s: %j", (_name, part) => {
    expect(isDraft({ content: "x", ...part })).toBe(false);
  });

  test("survives JSON and another parse unchanged, whatever it is", () => {
    const text = fc.string({ maxLength: 50 });
    const draft = fc.record(
      {
        type: fc.constantFrom(...SENDABLE_TYPES),
        content: fc.string({ minLength: 1, maxLength: 200, unit: "grapheme" }),
        replyTo: fc.string({ minLength: 1 }),
        mentions: fc.array(fc.string({ minLength: 1 }), { maxLength: LIMITS.mentions }),
        metadata: fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
      },
      { requiredKeys: ["content"] },
    );
    fc.assert(
      fc.property(draft, (value) => {
        fc.pre(isDraft(value));
        const once = v.parse(messageDraftSchema, value);
        expect(v.parse(messageDraftSchema, JSON.parse(JSON.stringify(once)))).toEqual(
          JSON.parse(JSON.stringify(once)),
        );
      }),
    );
  });
});

describe("a client message id", () => {
  const isKey = (value: unknown) => v.safeParse(clientMessageIdSchema, value).success;

  test("[LIM-4] has 1 to so many characters, and is well-formed", () => {
    expect(isKey("k")).toBe(true);
    expect(isKey("k".repeat(LIMITS.clientMessageIdChars))).toBe(true);
    expect(isKey("")).toBe(false);
    expect(isKey("k".repeat(LIMITS.clientMessageIdChars + 1))).toBe(false);
    expect(isKey("\ud83d")).toBe(false);
    expect(isKey(7)).toBe(false);
  });
});

test("[CHG-4] an emoji is the longest sequences there are, and no page of text", () => {
  const isEmoji = (value: unknown) => v.safeParse(emojiSchema, value).success;
  for (const emoji of ["👍", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🧑🏿‍❤️‍💋‍🧑🏿", "+1"]) expect(isEmoji(emoji)).toBe(true);
  for (const text of ["", "\ud83d", "x".repeat(LIMITS.emojiBytes + 1), 7]) {
    expect(isEmoji(text)).toBe(false);
  }
});
