import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { webHeaders } from "./web-headers.ts";

const HEADERS = await readFile(path.join(import.meta.dirname, "../web/_headers"), "utf8");

test("pages may connect to the S3 API that keeps the files, and to no other place", () => {
  const made = webHeaders(HEADERS, "https://account.r2.example.com/some/path");
  expect(made).toContain("connect-src 'self' https://account.r2.example.com ws: wss:;");
  expect(made.replace(" https://account.r2.example.com", "")).toBe(HEADERS);
});

test("without one they stay as they are", () => {
  expect(webHeaders(HEADERS, undefined)).toBe(HEADERS);
  expect(webHeaders(HEADERS, "")).toBe(HEADERS);
});
