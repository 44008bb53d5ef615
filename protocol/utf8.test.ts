import fc from "fast-check";
import { expect, test } from "vitest";
import { exceedsUtf8, utf8Length } from "./utf8.ts";

/** Any sequence of UTF-16 units, lone surrogates included. */
const anyText = fc
  .array(fc.oneof(fc.nat({ max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff })))
  .map((units) => String.fromCharCode(...units));

test("[LIM-1] counts the bytes that an encoder writes, whatever the text", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    }),
  );
});

test("[LIM-1] a text exceeds a limit exactly when its bytes do", () => {
  fc.assert(
    fc.property(anyText, fc.nat({ max: 200 }), (text, limit) => {
      expect(exceedsUtf8(text, limit)).toBe(new TextEncoder().encode(text).length > limit);
    }),
  );
});

test.each([
  ["", 0],
  ["a", 1],
  ["é", 2],
  ["\u07ff", 2],
  ["\u0800", 3],
  ["€", 3],
  ["👋", 4],
  ["\ud83d", 3],
  ["\udc4b\ud83d", 6],
])("%j takes %i bytes", (text, bytes) => {
  expect(utf8Length(text)).toBe(bytes);
});
