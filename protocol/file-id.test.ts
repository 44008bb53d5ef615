import { expect, test } from "vitest";
import { fileIdOf, parseFileId } from "./file-id.ts";

test.each(["team.f1", "alice_bob.f12", "a~20b_c.f999999999999999"])("%s names a file", (text) => {
  const parsed = parseFileId(text);
  expect(parsed.ok && fileIdOf(parsed.value)).toBe(text);
});

test.each([
  "",
  "team",
  "team.1",
  "team.f0",
  "team.f01",
  "team.f-1",
  "team.f1.5",
  ".f1",
  "te/am.f1",
  "../x.f1",
  "team.f1\0",
  "team.f1234567890123456",
  "bob_alice.f1",
  null,
  7,
])("%j does not", (value) => {
  expect(parseFileId(value)).toMatchObject({ ok: false, error: { code: "INVALID_DATA" } });
});
