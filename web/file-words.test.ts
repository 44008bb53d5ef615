import { expect, test } from "vitest";
import { NetworkError, QuotaFullError, RefusedError, type MessageEvent } from "../client/index.ts";
import { bytesInWords, inOneLine, notSent } from "./file-words.ts";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1_000, "1.0 kB"],
  [9_949, "9.9 kB"],
  [9_950, "10 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [5_368_709_120, "5.4 GB"],
  [2e15, "2000000 GB"],
])("%i bytes in words", (bytes, words) => {
  expect(bytesInWords(bytes)).toBe(words);
});

test("[FIL-1] [FIL-3] one file too large and no room left are told apart", () => {
  const file = { name: "film.mp4", size: 6e9 };
  const large = new RefusedError({ code: "TOO_LARGE", message: "", retryable: false });
  expect(notSent(large, file)).toBe("“film.mp4” has 6.0 GB. One file may have 5.4 GB at most.");
  expect(notSent(new QuotaFullError(large), file)).toContain("no room left for your files");
  expect(notSent(new NetworkError("gone"), file)).toContain("No connection");
  expect(notSent(new Error("unreadable"), file)).toContain("Choose it again");
});

test("a message in one line says what it is when it has no words", () => {
  const line = (message: MessageEvent["message"], deletedAt?: number) =>
    inOneLine({
      seq: 1,
      at: 1,
      type: "message",
      senderId: "u1",
      clientMessageId: "k",
      message,
      ...(deletedAt === undefined ? {} : { deletedAt }),
    });
  const attachments = ["c1.f1"];
  expect(line({ type: "IMAGE", content: "", attachments })).toBe("Picture");
  expect(line({ type: "FILE", content: "", attachments })).toBe("File");
  expect(line({ type: "IMAGE", content: "look", attachments })).toBe("look");
  expect(line({ type: "TEXT", content: "" })).toBe("");
  expect(line({ type: "IMAGE", content: "", attachments }, 2)).toBe("Message deleted");
});
