import { expect, test } from "vitest";
import { durationWords, settingsWords } from "./settings-words.ts";

const USUAL = {
  join: "invite",
  requests: true,
  send: "member",
  slowModeS: 0,
  history: "all",
  editWindowS: 86_400,
  locked: false,
} as const;

test("[MEM-5] usual settings are not worth a word", () => {
  expect(settingsWords(USUAL)).toEqual([]);
});

test("[MEM-5] every other one that touches a member is said", () => {
  expect(
    settingsWords({
      ...USUAL,
      join: "open",
      send: "moderator",
      slowModeS: 90,
      history: "joined",
    }),
  ).toEqual([
    "Whoever has the group's link can join.",
    "Only moderators and above write.",
    "Slow mode: 90 seconds between two messages.",
    "New members read only what comes after they joined.",
  ]);
  expect(settingsWords({ ...USUAL, send: "admin" })).toEqual(["Only admins and the owner write."]);
});

test.each([
  [1, "1 second"],
  [59, "59 seconds"],
  [60, "1 minute"],
  [120, "2 minutes"],
  [3_600, "1 hour"],
  [86_400, "24 hours"],
])("%i seconds are %s", (seconds, words) => {
  expect(durationWords(seconds)).toBe(words);
});
