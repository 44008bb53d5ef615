import { expect, test } from "vitest";
import { readCommand } from "./command-line.ts";

test("without words the bridge runs", () => {
  expect(readCommand([])).toEqual({ ok: true, value: { name: "run" } });
});

test.each([["--help"], ["-h"], ["verify", "--help"]])("%j asks for help", (...args) => {
  expect(readCommand(args)).toEqual({ ok: true, value: { name: "help" } });
});

test("a backfill names what, from where, and whether Kafka gets it too", () => {
  expect(readCommand(["backfill", "team", "--from", "7"])).toEqual({
    ok: true,
    value: { name: "backfill", chosen: { conversationId: "team" }, from: 7, kafka: false },
  });
  expect(readCommand(["backfill", "all", "--from", "0", "--kafka", "--cursor", "abc"])).toEqual({
    ok: true,
    value: { name: "backfill", chosen: { cursor: "abc" }, from: 0, kafka: true },
  });
});

test("an audit is of everything unless a conversation is named", () => {
  expect(readCommand(["verify"])).toEqual({
    ok: true,
    value: { name: "verify", chosen: { cursor: null }, waitMs: 30_000 },
  });
  expect(readCommand(["verify", "team", "--wait", "0"])).toEqual({
    ok: true,
    value: { name: "verify", chosen: { conversationId: "team" }, waitMs: 0 },
  });
});

test.each([
  [["backfill"], "backfill of which conversation, or all?"],
  [["backfill", "all"], "--from is missing"],
  [["backfill", "all", "--from", "-1"], ""],
  [["backfill", "all", "--from", "x"], "--from is not a whole number"],
  [["migrate", "all"], "migrate takes no conversation"],
  [["verify", "a", "b"], "one conversation at a time"],
  [["verify", "--everything"], "--everything"],
  [["fly"], "there is no command fly"],
])("%j is refused with a reason", (args, reason) => {
  const command = readCommand(args);
  expect(command.ok ? "accepted" : command.error).toContain(reason);
  expect(command.ok).toBe(false);
});
