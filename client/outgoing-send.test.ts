import { expect, test } from "vitest";
import { decodeClientText } from "../protocol/frame-codec.ts";
import { LIMITS } from "../protocol/limits.ts";
import { utf8Length } from "../protocol/utf8.ts";
import { encodeSend } from "./outgoing-send.ts";

test("a text is a message the server can read", () => {
  const frame = encodeSend("k1", "héllo 😀");
  if (!frame.ok) throw new Error(frame.error.message);
  expect(decodeClientText(frame.value)).toEqual({
    ok: true,
    value: [
      {
        ok: true,
        value: {
          type: "send",
          clientMessageId: "k1",
          message: { type: "TEXT", content: "héllo 😀" },
        },
      },
    ],
  });
});

test("[TRC-1] a send names its trace, if it has one", () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const frame = encodeSend("k1", "hi", { traceparent });
  if (!frame.ok) throw new Error(frame.error.message);
  expect(decodeClientText(frame.value)).toMatchObject({
    value: [{ ok: true, value: { traceparent } }],
  });
});

test.each([
  ["an empty text", "k1", "", "INVALID_DATA"],
  ["a text over the limit", "k1", "a".repeat(LIMITS.contentBytes + 1), "INVALID_DATA"],
  ["an empty key", "", "hi", "INVALID_DATA"],
  ["a key outside ASCII", "clé", "hi", "INVALID_DATA"],
  ["fields that add up to more than a text may hold", "k1", wordy(), "TOO_LARGE"],
])("%s is refused before it costs a round trip", (_name, key, message, code) => {
  expect(encodeSend(key, message)).toMatchObject({ ok: false, error: { code } });
});

test("[LIM-5] a hello that lists a full queue of the longest keys fits into one text", () => {
  const key = '"'.repeat(LIMITS.clientMessageIdChars);
  expect(encodeSend(key, "hi").ok).toBe(true);
  const pending = Array.from({ length: LIMITS.pendingKeys }, () => key);
  const epoch = "e".repeat(100);
  const cursor = Number.MAX_SAFE_INTEGER;
  const hello = JSON.stringify({ type: "hello", version: 1, cursor, epoch, pending });
  expect(utf8Length(hello)).toBeLessThanOrEqual(LIMITS.clientFrameBytes);
});

function wordy() {
  return {
    content: "hi",
    mentions: Array.from({ length: LIMITS.mentions }, () => "\u0001".repeat(1_024)),
  };
}
