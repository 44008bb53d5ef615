import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cleanName,
  isOwnMatricule,
  isReservedName,
  joinName,
  nameProblem,
  splitName,
} from "./person-name.ts";

test.each([
  ["Ada Lovelace", { prenom: "Ada", nom: "Lovelace" }],
  [" Ada  King  Lovelace ", { prenom: "Ada", nom: "King Lovelace" }],
  ["Ada", { prenom: "", nom: "Ada" }],
])("%j is %j, and back", (name, parts) => {
  expect(splitName(name)).toEqual(parts);
  expect(joinName(parts)).toBe(name.trim().replaceAll(/\s+/g, " "));
});

test("no part is no name", () => {
  expect(joinName({})).toBeNull();
  expect(joinName({ nom: "" })).toBeNull();
});

/** Arabic with a directional mark, Hebrew, Persian with ZWNJ, Sinhala and Devanagari with ZWJ, emoji with ZWJ and tags. */
const LEGITIMATE = [
  "Ada Lovelace",
  "Müller-Lüdenscheidt",
  "O'Brien",
  "محمد\u200f (علي)",
  "דוד בן־גוריון",
  "علی\u200cرضا",
  "ශ්\u200dරී",
  "क्\u200dष",
  "김철수",
  "李小龍",
  "👩\u200d👩\u200d👧",
  "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
];

/** What no name may hold, one by one. */
const HARMFUL = [
  "\0",
  "\t",
  "\n",
  "\u001b",
  "\u007f",
  "\u0085",
  "\u2028",
  "\u2029",
  "\u202a",
  "\u202b",
  "\u202c",
  "\u202d",
  "\u202e",
  "\u2066",
  "\u2067",
  "\u2068",
  "\u2069",
  "\ud800",
  "\udfff",
];
const harmful = fc.constantFrom(...HARMFUL);
/** Any text, and much of what matters here. */
const anyName = fc
  .array(fc.oneof(fc.string({ unit: "binary" }), harmful, fc.constantFrom(...LEGITIMATE)))
  .map((parts) => parts.join(""));

describe("[USR-1] a name", () => {
  test.each(LEGITIMATE)("%j can be shown, and stays as it is", (name) => {
    expect(nameProblem(name)).toBeNull();
    expect(cleanName(name)).toBe(name);
  });

  test("with one harmful character anywhere is refused, and loses it when cleaned", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LEGITIMATE),
        harmful,
        fc.constantFrom(...LEGITIMATE),
        (before, character, after) => {
          const name = `${before}${character}${after}`;
          expect(nameProblem(name)).not.toBeNull();
          expect(cleanName(name)).not.toContain(character);
        },
      ),
    );
  });

  test.each(["", " ", "\u00a0\u3000", "\u200b", "\u200d\u200c", "\u3164", "\u2800", "\ufeff"])(
    "%j shows nothing, so it is none",
    (name) => {
      expect(nameProblem(name)).not.toBeNull();
      expect(cleanName(name)).toBeNull();
    },
  );

  test("that was cleaned can be shown, is nobody's but a person's, and is clean", () => {
    let left = 0;
    fc.assert(
      fc.property(anyName, (name) => {
        const clean = cleanName(name);
        if (clean === null) return;
        left++;
        expect(nameProblem(clean)).toBeNull();
        expect(isReservedName(clean)).toBe(false);
        expect(cleanName(clean)).toBe(clean);
      }),
    );
    expect(left).toBeGreaterThan(0);
  });

  test("that was fit stays what it was, but for space around it", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        fc.pre(nameProblem(name) === null && !isReservedName(name));
        expect(cleanName(name)).toBe(name.trim());
      }),
    );
  });
});

describe("[USR-2] the deployment's own names", () => {
  test.each([
    "SYSTEM",
    "System",
    "SYSTEM_NOTIFICATION",
    "system.notification",
    "moderation",
    "_Moderation_",
    "ＳＹＳＴＥＭ",
    "sys\u200btem",
  ])("%j is one of them, and a token's is made somebody's own", (name) => {
    expect(isReservedName(name)).toBe(true);
    expect(cleanName(name)).toBe(`user-${name}`);
  });

  test.each(["systematic", "user-SYSTEM", "Moderation team", "ada"])("%j is not", (name) => {
    expect(isReservedName(name)).toBe(false);
    expect(cleanName(name)).toBe(name);
  });
});

test("[USR-3] a matricule is one's own before and after it was cleaned, and nobody else's", () => {
  fc.assert(
    fc.property(anyName, (matricule) => {
      const own = cleanName(matricule);
      fc.pre(own !== null);
      expect(isOwnMatricule(own, matricule)).toBe(true);
      expect(isOwnMatricule(own, own ?? "")).toBe(true);
      expect(isOwnMatricule(own, `${matricule}x`)).toBe(false);
      expect(isOwnMatricule(null, matricule)).toBe(false);
    }),
  );
});
