import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cleanType,
  extensionFor,
  isInlineSafe,
  kindOf,
  servedType,
  settleType,
  sniffType,
} from "./media-type.ts";

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe("sniffType", () => {
  test.each([
    ["\xff\xd8\xff\xe0", "image/jpeg"],
    ["\x89PNG\r\n\x1a\n", "image/png"],
    ["GIF89a", "image/gif"],
    ["RIFF\0\0\0\0WEBPVP8 ", "image/webp"],
    ["RIFF\0\0\0\0WAVEfmt ", "audio/wav"],
    ["\0\0\0\x1cftypavif", "image/avif"],
    ["\0\0\0\x1cftypheic", "image/heic"],
    ["\0\0\0\x1cftypisom", "video/mp4"],
    ["%PDF-", "application/pdf"],
    ["PK\x03\x04", "application/zip"],
    ["OggS", "application/ogg"],
    ["MZ\x90", "application/x-msdownload"],
    ["<!DOCTYPE html><p>", "text/html"],
    ["\n \t<script>alert(1)</script>", "text/html"],
    ["\xef\xbb\xbf<HTML>", "text/html"],
    ['<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">', "image/svg+xml"],
    ['<?xml version="1.0"?><svg >', "image/svg+xml"],
    ["plain words", null],
    ["", null],
  ])("%j", (head, type) => {
    expect(sniffType(ascii(head))).toBe(type);
  });

  test("no bytes make it throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void sniffType(bytes)));
  });
});

describe("settleType", () => {
  test.each([
    ["image/png", "image/png", "image/png"],
    ["application/octet-stream", "image/png", "image/png"],
    ["application/octet-stream", null, "application/octet-stream"],
    ["text/csv", null, "text/csv"],
    [
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "application/zip",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ],
    ["audio/mp4", "video/mp4", "audio/mp4"],
    ["audio/ogg", "application/ogg", "audio/ogg"],
    ["text/plain", "text/html", "text/plain"],
    ["image/svg+xml", "image/svg+xml", "image/svg+xml"],
  ])("%s that begins like %s is stored as %s", (declared, sniffed, type) => {
    expect(settleType(declared, sniffed)).toBe(type);
  });

  test.each([
    ["image/png", "text/html"],
    ["image/png", "image/svg+xml"],
    ["image/png", "image/jpeg"],
    ["image/png", null],
    ["application/pdf", "application/x-msdownload"],
    ["video/mp4", "text/html"],
    ["text/plain", "application/x-msdownload"],
    ["audio/mpeg", "application/zip"],
  ])("%s that begins like %s is a lie", (declared, sniffed) => {
    expect(settleType(declared, sniffed)).toBeNull();
  });
});

describe("what a browser gets", () => {
  test.each([
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/avif",
    "video/mp4",
    "audio/ogg",
    "text/plain",
  ])("%s is shown in place", (type) => {
    expect(isInlineSafe(type)).toBe(true);
  });

  test.each([
    "text/html",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/xml",
    "application/pdf",
    "application/javascript",
    "text/css",
    "application/octet-stream",
    "multipart/related",
  ])("%s is saved", (type) => {
    expect(isInlineSafe(type)).toBe(false);
  });

  test.each([
    "text/html",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/javascript",
    "application/xml",
    "message/rfc822",
    "application/wasm",
  ])("%s does not go out under its own name", (type) => {
    expect(servedType(type)).toBe("application/octet-stream");
  });

  test("nothing is shown in place that does not go out under its own name", () => {
    const part = fc.stringMatching(/^[a-z0-9.+-]{1,20}$/);
    const family = fc.constantFrom("text", "image", "audio", "video", "application", "multipart");
    fc.assert(
      fc.property(family, part, (name, rest) => {
        const type = `${name}/${rest}`;
        if (
          servedType(type) === "application/octet-stream" &&
          type !== "application/octet-stream"
        ) {
          expect(isInlineSafe(type) && !/^(?:audio|video)\//.test(type)).toBe(false);
        }
      }),
    );
  });
});

test.each([
  ["IMAGE/JPG", "image/jpeg"],
  ["text/html; charset=utf-8", "text/html"],
  ["", "application/octet-stream"],
  ["nonsense", "application/octet-stream"],
  ["text/html\r\nx: y", "application/octet-stream"],
])("the declared type %j is %j", (declared, type) => {
  expect(cleanType(declared)).toBe(type);
});

test("kinds and endings", () => {
  expect(["image/png", "video/mp4", "audio/ogg", "text/plain"].map(kindOf)).toEqual([
    "image",
    "video",
    "audio",
    "document",
  ]);
  expect([extensionFor("image/jpeg"), extensionFor("x/unknown")]).toEqual([".jpg", ""]);
});
