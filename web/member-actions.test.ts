import { expect, test } from "vitest";
import { ROLES, type Role } from "../client/index.ts";
import { memberActions } from "./member-actions.ts";

const NOW = 1_000;

function labels(myRole: Role, role: Role, mutedUntil = 0): string[] {
  return memberActions(myRole, { role, mutedUntil }, NOW).map(({ label }) => label);
}

const MUTES = ["Mute for an hour", "Mute for a day", "Mute for a week"];

test("[MEM-2] an owner may do everything with anybody", () => {
  expect(labels("owner", "moderator")).toEqual([
    "Write to them",
    "Make an admin",
    "Make an ordinary member",
    "Hand the group over",
    ...MUTES,
    "Remove",
    "Ban",
  ]);
});

test("[MEM-3] an admin raises nobody to the own rank, and does nothing to an equal or a higher one", () => {
  expect(labels("admin", "member")).toEqual([
    "Write to them",
    "Make a moderator",
    ...MUTES,
    "Remove",
    "Ban",
  ]);
  for (const role of ["admin", "owner"] as const) {
    expect(labels("admin", role)).toEqual(["Write to them"]);
  }
});

test("[MEM-2] a moderator gives no roles", () => {
  expect(labels("moderator", "member")).toEqual(["Write to them", ...MUTES, "Remove", "Ban"]);
});

test("[MEM-2] a member may write to everybody, and nothing else", () => {
  for (const role of ROLES) expect(labels("member", role)).toEqual(["Write to them"]);
});

test("[MEM-1] a mute that goes on can be ended, one that is over given again", () => {
  expect(labels("moderator", "member", NOW + 1)).toContain("Let them write again");
  expect(labels("moderator", "member", NOW)).toEqual(expect.arrayContaining(MUTES));
});
