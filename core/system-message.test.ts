import { expect, test } from "vitest";
import { MEMBERSHIP_ACTIONS } from "../protocol/event.ts";
import { asMessage } from "./system-message.ts";

const BASE = { seq: 4, at: 100, senderId: "ada" };
const BOB = { userId: "bob", name: "Bob", role: "member" as const };

test.each(MEMBERSHIP_ACTIONS)(
  "[MEM-6] %s reads as a SYSTEM message with the details beside",
  (action) => {
    const message = asMessage({ ...BASE, type: "membership", action, members: [BOB] });
    expect(message).toMatchObject({
      seq: 4,
      type: "message",
      senderId: "ada",
      message: { type: "SYSTEM", metadata: { event: "membership", action, members: [BOB] } },
    });
    expect(message.message.content).toContain("Bob");
  },
);

test("[MEM-6] a new name is told by name", () => {
  const message = asMessage({ ...BASE, type: "settings", settings: { name: "Crew" } });
  expect(message.message).toEqual({
    type: "SYSTEM",
    content: "The group is now called Crew",
    metadata: { event: "settings", settings: { name: "Crew" } },
  });
});

test("a message stays what it is", () => {
  const message = {
    ...BASE,
    type: "message",
    clientMessageId: "k",
    message: { type: "TEXT", content: "x" },
  } as const;
  expect(asMessage(message)).toBe(message);
});
