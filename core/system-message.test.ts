import { expect, test } from "vitest";
import { MEMBERSHIP_ACTIONS, type MembershipEvent } from "../protocol/event.ts";
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

test("[MEM-6] how somebody came is told by the words, and the end of a group too", () => {
  const words = (event: Pick<MembershipEvent, "action" | "inviteId" | "requested">) =>
    asMessage({ ...BASE, type: "membership", members: [BOB], ...event }).message.content;
  expect(words({ action: "joined" })).toBe("Bob joined");
  expect(words({ action: "joined", inviteId: "1" })).toBe("Bob joined by a link");
  expect(words({ action: "added" })).toBe("Bob joined by invitation");
  expect(words({ action: "added", requested: true })).toBe("Bob was let in");
  expect(asMessage({ ...BASE, type: "dismissed", memberCount: 3 }).message).toEqual({
    type: "SYSTEM",
    content: "The group was dismissed",
    metadata: { event: "dismissed", memberCount: 3 },
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
