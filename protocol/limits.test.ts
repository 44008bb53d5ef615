import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LIMITS } from "./limits.ts";
import { utf8Length } from "./utf8.ts";

const SOURCE = readFileSync(new URL("limits.ts", import.meta.url), "utf8");

test("every limit is a whole number above 0, and says its rule where it stands", () => {
  for (const [name, value] of Object.entries(LIMITS)) {
    expect(Number.isSafeInteger(value) && value > 0, name).toBe(true);
    // its own docstring, or the one it shares with the limit above it
    const before = SOURCE.slice(0, SOURCE.indexOf(`  ${name}: `));
    const docstring = before.slice(before.lastIndexOf("/**"));
    expect(docstring, name).toMatch(/Rule [A-Z]+-\d+\. \*\/\n(?:  \w+: [\d_]+,\n)?$/);
  }
});

test("[LIM-1] the largest message with the largest everything fits into one text", () => {
  const id = "é".repeat(1_024 / 2);
  const largest = {
    type: "send",
    clientMessageId: "k".repeat(LIMITS.clientMessageIdChars),
    message: {
      type: "LOCATION",
      content: "x".repeat(LIMITS.contentBytes),
      metadata: { a: "x".repeat(LIMITS.metadataBytes - 8) },
      mentions: Array.from({ length: LIMITS.mentions }, () => id),
      attachments: Array.from({ length: LIMITS.attachments }, () => id),
      replyTo: id,
    },
  };
  expect(utf8Length(JSON.stringify(largest))).toBeLessThanOrEqual(LIMITS.clientFrameBytes);
});

test("[LIM-6] a page is no larger than a frame, whatever its letters take in UTF-8", () => {
  const bytesOfOneUnit = 3;
  expect(LIMITS.pageBytes * bytesOfOneUnit).toBeLessThan(LIMITS.serverFrameBytes);
  expect(LIMITS.serverFrameBytes).toBeLessThan(1_000_000);
});

test("[LIM-12] a REST body takes whatever a socket takes", () => {
  expect(LIMITS.bodyBytes).toBeGreaterThanOrEqual(LIMITS.clientFrameBytes);
});

test("[LIM-14] a full queue that is sent again after a cut is no flood", () => {
  expect(LIMITS.sessionBurst).toBeGreaterThan(LIMITS.pendingKeys);
  expect(LIMITS.framesPerText * 2).toBeGreaterThanOrEqual(LIMITS.pendingKeys);
});

test("[LIM-9] a slow reader holds more than one frame of the largest before it is cut", () => {
  expect(LIMITS.bufferedBytes).toBeGreaterThan(LIMITS.serverFrameBytes);
});
