import { expect, test } from "vitest";
import type { LogEvent } from "../../protocol/event.ts";
import { parseConversationId } from "../../protocol/ids.ts";
import { pending, said, wanted } from "../../tests/support/changes.ts";
import { MemoryConversation } from "../../tests/support/memory-conversation.ts";
import type { OtherChange } from "../changes/change.ts";
import { outboxEventText } from "../event-text.ts";
import { conversationAction } from "./staff-notice.ts";

const parsed = parseConversationId("team");
if (!parsed.ok) throw new Error("a fixture does not parse");
const id = parsed.value;

const ABOUT_DI = { userId: "di" };
/** What a moderator does, and what staff hears of it: null where that is no action against anybody. */
const CASES: { change: OtherChange; told: object | null }[] = [
  { change: { type: "delete", target: 1 }, told: { action: "message_deleted", target: "team.1" } },
  { change: { type: "delete", target: 2 }, told: null },
  {
    change: { type: "erase", ...ABOUT_DI, targets: [1] },
    told: { action: "messages_erased", target: "di", details: { messages: 1 } },
  },
  {
    change: { type: "removeMember", ...ABOUT_DI },
    told: { action: "member_removed", target: "di", details: { conversationId: "team" } },
  },
  {
    change: { type: "ban", ...ABOUT_DI, active: true },
    told: { action: "member_banned", target: "di" },
  },
  {
    change: { type: "ban", userId: "gone", active: false },
    told: { action: "member_unbanned", target: "gone" },
  },
  {
    change: { type: "mute", ...ABOUT_DI, until: 9_000 },
    told: { action: "member_muted", target: "di", details: { until: 9_000 } },
  },
  {
    change: { type: "configure", change: { locked: true } },
    told: { action: "conversation_locked", target: "team" },
  },
  { change: { type: "configure", change: { name: "New" } }, told: null },
  { change: { type: "react", target: 1, emoji: "x", active: true }, told: null },
  { change: { type: "setRole", ...ABOUT_DI, role: "moderator" }, told: null },
];

test.each(CASES)("[MOD-4] of $change.type staff is told $told", ({ change, told }) => {
  const conversation = new MemoryConversation({ ada: "owner", di: "member" });
  conversation.banned.add("gone");
  conversation.append([said("di", "one"), said("ada", "two")], 1);
  const { rows } = conversation.append([wanted("ada", change)], 2);
  const [row] = rows;
  if (row === undefined) throw new Error("nothing was changed");
  expect(conversation.staffNotices).toEqual(told === null ? [] : [row.seq]);
  const event = JSON.parse(outboxEventText(row, undefined)) as LogEvent; // of the protocol, as the log has it
  if (told !== null) expect(conversationAction(id, event)).toMatchObject(told);
});

test("[MOD-4] staff is told of what staff itself unlocks", () => {
  const conversation = new MemoryConversation({ ada: "owner" }, { settings: { locked: true } });
  const staff = { userId: "root", authority: "moderation" } as const;
  const unlock = pending(staff, { type: "configure", change: { locked: false } });
  const [row] = conversation.append([unlock], 2).rows;
  if (row === undefined) throw new Error("nothing was changed");
  const event = JSON.parse(outboxEventText(row, undefined)) as LogEvent; // as above
  expect(conversationAction(id, event)).toEqual({
    action: "conversation_unlocked",
    target: "team",
    details: {},
  });
});
