import { describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import type { Role } from "../../protocol/member.ts";
import { pending, said, textChange, wanted } from "../../tests/support/changes.ts";
import { MemoryConversation } from "../../tests/support/memory-conversation.ts";
import type { OtherChange } from "./change.ts";

const GROUP: Record<string, Role> = { ada: "owner", bo: "admin", cy: "moderator", di: "member" };
const DAY_MS = 86_400_000;
const INVITE = {
  inviteId: "1",
  secret: "s",
  makerId: "ada",
  createdAt: 0,
  expiresAt: DAY_MS,
  maxUses: null,
  uses: 0,
  revokedAt: null,
};

function group(settings: ConstructorParameters<typeof MemoryConversation>[1] = {}) {
  const conversation = new MemoryConversation(GROUP, settings);
  conversation.append([said("di", "first"), said("ada", "second")], 1_000);
  return conversation;
}

/** What one change comes to: "done", "unchanged", or the code of its refusal. */
function attempt(
  conversation: MemoryConversation,
  userId: string,
  change: OtherChange,
  now = 2_000,
): string {
  const { rows, outcomes } = conversation.append([wanted(userId, change)], now);
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error("one append has one outcome");
  if (!outcome.ok) return outcome.error.code;
  return rows.length === 1 ? "done" : "unchanged";
}

describe("edit", () => {
  test("[CHG-2] the author changes the text, and the old one is kept", () => {
    const conversation = group();
    expect(attempt(conversation, "di", { type: "edit", target: 1, content: "better" })).toBe(
      "done",
    );
    expect(conversation.messages.get(1)).toMatchObject({
      content: "better",
      version: 2,
      versions: ["first"],
    });
    expect(conversation.rows.at(-1)).toMatchObject({
      seq: 3,
      type: "edited",
      body: JSON.stringify({ target: 1, version: 2, content: "better" }),
    });
  });

  test("[CHG-2] nobody else may, not even the owner", () => {
    expect(attempt(group(), "ada", { type: "edit", target: 1, content: "x" })).toBe("FORBIDDEN");
  });

  test("[CHG-2] [CHG-6] the same text again is nothing new", () => {
    expect(attempt(group(), "di", { type: "edit", target: 1, content: "first" })).toBe("unchanged");
  });

  test("[CHG-2] the edit window closes", () => {
    const edit = { type: "edit", target: 1, content: "late" } as const;
    expect(attempt(group(), "di", edit, 1_000 + DAY_MS)).toBe("done");
    expect(attempt(group(), "di", edit, 1_001 + DAY_MS)).toBe("FORBIDDEN");
    expect(attempt(group({ settings: { editWindowS: 0 } }), "di", edit, 1_001 + DAY_MS)).toBe(
      "done",
    );
  });

  test("[CHG-2] what is no message, or is deleted, or was before one's time, cannot be edited", () => {
    const conversation = group();
    attempt(conversation, "di", { type: "delete", target: 1 });
    const edit = (target: number): OtherChange => ({ type: "edit", target, content: "x" });
    expect(attempt(conversation, "di", edit(1))).toBe("NOT_FOUND");
    expect(attempt(conversation, "di", edit(3))).toBe("NOT_FOUND");
    expect(attempt(conversation, "di", edit(99))).toBe("NOT_FOUND");
  });

  test("[CHG-2] a text cannot be edited into nothing", () => {
    expect(attempt(group(), "di", { type: "edit", target: 1, content: "" })).toBe("INVALID_DATA");
  });
});

describe("delete", () => {
  test.each(["di", "cy", "bo", "ada"])("[CHG-3] %s takes a member's message away", (userId) => {
    const conversation = group();
    expect(attempt(conversation, userId, { type: "delete", target: 1 })).toBe("done");
    expect(conversation.messages.get(1)).toMatchObject({ content: "", deletedAt: 2_000 });
    expect(attempt(conversation, userId, { type: "delete", target: 1 })).toBe("unchanged");
  });

  test("[CHG-3] a member takes nobody else's", () => {
    expect(attempt(group(), "di", { type: "delete", target: 2 })).toBe("FORBIDDEN");
  });

  test("[CHG-3] staff of the deployment deletes without being a member", () => {
    const conversation = group();
    const staff = { userId: "staff", authority: "moderation" } as const;
    const { rows } = conversation.append([pending(staff, { type: "delete", target: 2 })], 2_000);
    expect(rows).toMatchObject([{ type: "deleted", senderId: "staff" }]);
  });
});

describe("react", () => {
  const on = (emoji: string, active = true): OtherChange => ({
    type: "react",
    target: 1,
    emoji,
    active,
  });

  test("[CHG-4] once per member and emoji, and off again", () => {
    const conversation = group();
    expect(attempt(conversation, "ada", on("👍"))).toBe("done");
    expect(attempt(conversation, "ada", on("👍"))).toBe("unchanged");
    expect(attempt(conversation, "bo", on("👍"))).toBe("done");
    expect(attempt(conversation, "ada", on("🎉"))).toBe("done");
    expect(attempt(conversation, "ada", on("👍", false))).toBe("done");
    expect(attempt(conversation, "ada", on("👍", false))).toBe("unchanged");
    expect(conversation.messages.get(1)?.reactions).toEqual(
      new Map([
        ["👍", new Set(["bo"])],
        ["🎉", new Set(["ada"])],
      ]),
    );
  });

  test("[CHG-4] different emojis on one message are bounded", () => {
    const conversation = group();
    for (let i = 0; i < LIMITS.emojisPerMessage; i++) attempt(conversation, "ada", on(`e${i}`));
    expect(attempt(conversation, "bo", on("one more"))).toBe("TOO_LARGE");
    expect(attempt(conversation, "bo", on("e0"))).toBe("TOO_LARGE");
    expect(attempt(conversation, "ada", on("e0", false))).toBe("done");
  });
});

describe("who may write", () => {
  const send = (conversation: MemoryConversation, userId: string, now = 2_000) => {
    const [outcome] = conversation.append([said(userId, "hi")], now).outcomes;
    return outcome?.ok === true ? "done" : outcome?.error;
  };

  test("[SND-3] a muted member waits until the mute ends", () => {
    const conversation = group();
    attempt(conversation, "cy", { type: "mute", userId: "di", until: 5_000 });
    expect(send(conversation, "di")).toMatchObject({ code: "MUTED", retryAfterMs: 3_000 });
    expect(attempt(conversation, "di", { type: "edit", target: 1, content: "x" })).toBe("MUTED");
    expect(send(conversation, "di", 5_000)).toBe("done");
  });

  test("[SND-3] a locked conversation hears moderators only", () => {
    const conversation = group();
    attempt(conversation, "cy", { type: "configure", change: { locked: true } });
    expect(send(conversation, "di")).toMatchObject({ code: "LOCKED" });
    expect(attempt(conversation, "di", { type: "edit", target: 1, content: "x" })).toBe("LOCKED");
    expect(send(conversation, "cy")).toBe("done");
  });

  test("[SND-3] in a direct conversation a blocked person cannot write", () => {
    const conversation = new MemoryConversation({ a: "member", b: "member" }, { type: "direct" });
    conversation.blocks.add("a>b");
    expect(send(conversation, "b")).toMatchObject({ code: "BLOCKED" });
    expect(send(conversation, "a")).toBe("done");
  });

  test("[MEM-5] slow mode counts messages, not other changes, and spares moderators", () => {
    const conversation = group({ settings: { slowModeS: 10 } });
    expect(send(conversation, "di", 11_000)).toBe("done");
    expect(send(conversation, "di", 20_999)).toMatchObject({
      code: "RATE_LIMITED",
      retryAfterMs: 1,
    });
    expect(
      attempt(conversation, "di", { type: "react", target: 1, emoji: "x", active: true }, 20_999),
    ).toBe("done");
    expect(send(conversation, "di", 21_000)).toBe("done");
    expect(send(conversation, "cy", 21_000)).toBe("done");
    expect(send(conversation, "cy", 21_000)).toBe("done");
  });

  test("[MEM-5] announcements: only the named role and above may send, others may still react", () => {
    const conversation = group({ settings: { send: "moderator" } });
    expect(send(conversation, "di")).toMatchObject({ code: "FORBIDDEN" });
    expect(send(conversation, "cy")).toBe("done");
    expect(
      attempt(conversation, "di", { type: "react", target: 1, emoji: "👍", active: true }),
    ).toBe("done");
  });

  test("[ORD-3] a repeated send is answered even when a new one would be refused", () => {
    const conversation = new MemoryConversation(GROUP);
    const first = said("di", "hello");
    conversation.append([first], 1_000);
    attempt(conversation, "cy", { type: "mute", userId: "di", until: 99_999 });
    const again = conversation.append([first], 2_000);
    expect(again.outcomes).toEqual([{ ok: true, value: [{ seq: 1, at: 1_000, repeated: true }] }]);
    expect(again.rows).toEqual([]);
  });

  test("[SND-4] a conditional send needs the log to end where it says", () => {
    const conversation = group();
    const late = pending({ userId: "di", authority: "member" }, textChange("x"), 1);
    expect(conversation.append([late], 2_000).outcomes[0]).toMatchObject({
      ok: false,
      error: { code: "CONFLICT", lastSeq: 2 },
    });
    const timely = pending({ userId: "di", authority: "member" }, textChange("x"), 2);
    expect(conversation.append([timely], 2_000).outcomes[0]).toMatchObject({ ok: true });
    expect(conversation.append([timely], 2_000).outcomes[0]).toMatchObject({
      ok: true,
      value: [{ seq: 3, repeated: true }],
    });
  });
});

describe("members", () => {
  test("[MEM-1] an open group takes whoever asks, others need an invitation", () => {
    const closed = group();
    const join = { type: "join", name: "Eve", secret: null } as const;
    expect(attempt(closed, "eve", join)).toBe("FORBIDDEN");
    closed.invites.set(INVITE.secret, { ...INVITE });
    expect(attempt(closed, "eve", { ...join, secret: INVITE.secret })).toBe("done");
    const open = group({ settings: { join: "open" } });
    expect(attempt(open, "eve", join)).toBe("done");
    expect(attempt(open, "eve", join)).toBe("unchanged");
    expect(open.members.get("eve")).toMatchObject({ role: "member", joinedSeq: 2, historyFrom: 0 });
  });

  test("[MEM-1] history may begin with the joining", () => {
    const conversation = group({ settings: { join: "open", history: "joined" } });
    attempt(conversation, "eve", { type: "join", name: "Eve", secret: null });
    expect(conversation.members.get("eve")).toMatchObject({ historyFrom: 2 });
    const react = { type: "react", target: 2, emoji: "👀", active: true } as const;
    expect(attempt(conversation, "eve", react)).toBe("NOT_FOUND");
  });

  test("[MEM-1] whoever is banned stays out, also by invitation, until the ban ends", () => {
    const conversation = group({ settings: { join: "open" } });
    expect(attempt(conversation, "cy", { type: "ban", userId: "di", active: true })).toBe("done");
    expect(conversation.members.has("di")).toBe(false);
    conversation.invites.set(INVITE.secret, { ...INVITE });
    const join = { type: "join", name: "Di", secret: INVITE.secret } as const;
    expect(attempt(conversation, "di", join)).toBe("FORBIDDEN");
    const add = { type: "addMembers", people: [{ userId: "di", name: "Di" }] } as const;
    expect(attempt(conversation, "ada", add)).toBe("FORBIDDEN");
    expect(attempt(conversation, "cy", { type: "ban", userId: "di", active: false })).toBe("done");
    expect(attempt(conversation, "di", join)).toBe("done");
  });

  test("[MEM-4] the last owner hands over first", () => {
    const conversation = group();
    expect(attempt(conversation, "ada", { type: "leave" })).toBe("CONFLICT");
    expect(attempt(conversation, "ada", { type: "transfer", userId: "bo" })).toBe("done");
    expect(conversation.members.get("bo")?.role).toBe("owner");
    expect(conversation.members.get("ada")?.role).toBe("admin");
    expect(attempt(conversation, "ada", { type: "leave" })).toBe("done");
    expect(conversation.members.has("ada")).toBe(false);
  });

  test("[MEM-4] the last one of all may leave", () => {
    const conversation = new MemoryConversation({ ada: "owner" });
    expect(attempt(conversation, "ada", { type: "leave" })).toBe("done");
  });

  test("[MEM-1] a direct conversation keeps its two", () => {
    const direct = () => new MemoryConversation({ a: "member", b: "member" }, { type: "direct" });
    expect(attempt(direct(), "a", { type: "leave" })).toBe("FORBIDDEN");
    expect(attempt(direct(), "a", { type: "removeMember", userId: "b" })).toBe("FORBIDDEN");
    expect(attempt(direct(), "c", { type: "join", name: "C", secret: "s" })).toBe("NOT_FOUND");
    expect(attempt(direct(), "a", { type: "configure", change: { name: "x" } })).toBe("FORBIDDEN");
    const staff = { userId: "staff", authority: "moderation" } as const;
    const rename = pending(staff, { type: "configure", change: { name: "x", locked: true } });
    expect(direct().append([rename], 1).outcomes[0]).toMatchObject({
      error: { code: "FORBIDDEN" },
    });
  });

  test("[LIM-11] a long list is added in several events", () => {
    const people = Array.from({ length: LIMITS.membersPerEvent + 1 }, (_, i) => ({
      userId: `u${i}`,
      name: `U ${i}`,
    }));
    expect(attempt(group(), "ada", { type: "addMembers", people })).toBe("TOO_LARGE");
    expect(attempt(group(), "ada", { type: "addMembers", people: people.slice(1) })).toBe("done");
  });

  test("[MEM-5] a change of settings names only what is different", () => {
    const conversation = group();
    const change = { slowModeS: 5, join: "invite", name: "New" } as const;
    expect(attempt(conversation, "bo", { type: "configure", change })).toBe("done");
    expect(conversation.rows.at(-1)?.body).toBe(
      JSON.stringify({ settings: { slowModeS: 5, name: "New" } }),
    );
    expect(conversation.profile).toMatchObject({
      name: "New",
      settings: { slowModeS: 5, join: "invite" },
    });
    expect(attempt(conversation, "bo", { type: "configure", change })).toBe("unchanged");
  });
});
