import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBase64, toBase64 } from "./base64.ts";
import { decodeFrame, decodePayload, encodePayload, messageFrame, type Frame } from "./packet.ts";

const text = fc.string({ unit: "binary" }).map((value) => value.replaceAll("\x1e", ""));
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 6 }), text).map(([type, data]) => `${type}${data}`),
  fc.uint8Array(),
);

test("a payload gives back the frames it was made of", () => {
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1 }), (frames) => {
      expect(decodePayload(encodePayload(frames))).toEqual(frames);
    }),
  );
});

test("no text breaks the decoder: it gives frames that all have a type, or null", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (payload) => {
      const frames = decodePayload(payload);
      expect(frames === null || frames.every((part) => decodeFrame(part) !== null)).toBe(true);
    }),
  );
  expect(decodePayload("")).toBeNull();
  expect(decodePayload("4a\x1e")).toBeNull();
  expect(decodePayload("b!")).toBeNull();
});

test("a message is its frame's data; bytes have no type of their own", () => {
  expect(decodeFrame(messageFrame("2[]"))).toEqual({ type: "message", data: "2[]" });
  const bytes = Uint8Array.of(0x34, 1);
  expect(messageFrame(bytes)).toBe(bytes);
  expect(decodeFrame(bytes)).toEqual({ type: "message", data: bytes });
  expect(decodeFrame("7")).toBeNull();
});

test("base64 is the standard one, for any length", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000, size: "max" }), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }),
    { numRuns: 20 },
  );
});
