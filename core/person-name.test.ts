import { expect, test } from "vitest";
import { joinName, splitName } from "./person-name.ts";

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
