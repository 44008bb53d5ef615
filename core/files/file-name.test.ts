import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { utf8Length } from "../../protocol/utf8.ts";
import { cleanFileName } from "./file-name.ts";

describe("cleanFileName", () => {
  test.each([
    ["report.pdf", "report.pdf"],
    ["../../etc/passwd", "passwd"],
    ["..\\..\\windows\\system32\\cmd.exe", "cmd.exe"],
    ["/", "file"],
    ["..", "file"],
    ["", "file"],
    [".htaccess", "htaccess"],
    ["a\0b.txt", "ab.txt"],
    ["line\r\nbreak.txt", "linebreak.txt"],
    ["photo\u202egnp.exe", "photognp.exe"],
    ['a"b<c>.html', "a_b_c_.html"],
    ["  spaced . ", "spaced"],
    ["CON.txt", "_CON.txt"],
    ["nul", "_nul"],
    ["été 👨‍👩‍👧.jpg", "été 👨‍👩‍👧.jpg"],
    ["\ud800.txt", "\ufffd.txt"],
  ])("%j becomes %j", (name, clean) => {
    expect(cleanFileName(name)).toBe(clean);
  });

  test("a name that is too long keeps its extension and whole characters", () => {
    const clean = cleanFileName(`${"é".repeat(300)}.jpeg`);
    expect(clean).toBe(`${"é".repeat(125)}.jpeg`);
    expect(utf8Length(clean)).toBe(LIMITS.fileNameBytes);
  });

  test("whatever comes in, what goes out is safe, short enough, and clean already", () => {
    const names = fc.oneof(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.string({
        unit: fc.constantFrom(".", "/", "\\", " ", "\0", "\u202e", ":", "*", "é", "👍"),
        maxLength: 400,
      }),
    );
    fc.assert(
      fc.property(names, (name) => {
        const clean = cleanFileName(name);
        expect(clean).toMatch(/^[^/\\\p{Cc}<>:"|?*\u202a-\u202e\u2066-\u2069]+$/u);
        expect(clean).not.toMatch(/^[\s.]|[\s.]$/u);
        expect(utf8Length(clean)).toBeLessThanOrEqual(LIMITS.fileNameBytes);
        expect(clean.isWellFormed()).toBe(true);
        expect(cleanFileName(clean)).toBe(clean);
      }),
      { numRuns: 2_000 },
    );
  });
});
