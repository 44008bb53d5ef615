import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Role } from "../../protocol/member.ts";
import { pending, said, wanted } from "../../tests/support/changes.ts";
import { MemoryConversation } from "../../tests/support/memory-conversation.ts";
import { isSpam } from "../moderation/message-flag.ts";
import type { OtherChange } from "./change.ts";

const GROUP: Record<string, Role> = { ada: "owner", cy: "moderator", di: "member", ed: "member" };
const STAFF = { userId: "staff", authority: "moderation" } as const;

function group() {
  const conversation = new MemoryConversation(GROUP);
  conversation.append([said("di", "buy this"), said("ada", "hm")], 1_000);
  return conversation;
}

function report(target = 1, flagAt = 1, reason: string | null = "an advert"): OtherChange {
  return { type: "report", target, reason, flagAt };
}

/** "done", "unchanged", or the code of the refusal. */
function attempt(conversation: MemoryConversation, userId: string, change: OtherChange): string {
  return outcomeOf(conversation, wanted(userId, change));
}

function judge(conversation: MemoryConversation, target: number, judgement: boolean): string {
  return outcomeOf(conversation, pending(STAFF, { type: "judge", target, isSpam: judgement }));
}

function outcomeOf(conversation: MemoryConversation, append: ReturnType<typeof wanted>): string {
  const { rows, outcomes } = conversation.append([append], 2_000);
  const [outcome] = outcomes;
  if (outcome?.ok !== true) return outcome?.error.code ?? "no outcome";
  return rows.length === 1 ? "done" : "unchanged";
}

describe("reports", () => {
  test("[MOD-1] a member reports a message once, with a reason, and staff is told", () => {
    const conversation = group();
    expect(attempt(conversation, "ed", report())).toBe("done");
    expect(conversation.rows.at(-1)).toMatchObject({
      seq: 3,
      type: "reported",
      senderId: "ed",
      body: JSON.stringify({
        target: 1,
        version: 1,
        reason: "an advert",
        reports: 1,
        isSpam: true,
      }),
    });
    expect(conversation.staffNotices).toEqual([3]);
    expect(attempt(conversation, "ed", report())).toBe("unchanged");
    expect(attempt(conversation, "ada", report(1, 1, null))).toBe("done");
    expect(conversation.reportCount(1)).toBe(2);
  });

  test.each([
    ["di", 1, "FORBIDDEN", "one's own message"],
    ["stranger", 1, "NOT_FOUND", "from outside"],
    ["ed", 9, "NOT_FOUND", "what is not there"],
  ])("[MOD-1] %s and message %i: %s, for it is %s", (userId, target, code) => {
    const conversation = group();
    expect(attempt(conversation, userId, report(target))).toBe(code);
    expect(conversation.staffNotices).toEqual([]);
  });

  test("[MOD-1] nor can what is deleted, what the system says, or what was before one's time be reported", () => {
    const conversation = group();
    attempt(conversation, "di", { type: "delete", target: 1 });
    expect(attempt(conversation, "ed", report())).toBe("NOT_FOUND");
    const system = { userId: "system", authority: "system" } as const;
    const notice = { type: "message" as const, mentions: null };
    const body = JSON.stringify({ type: "SYSTEM", content: "accepted" });
    conversation.append([pending(system, { ...notice, body })], 2_000);
    expect(attempt(conversation, "ed", report(conversation.head))).toBe("FORBIDDEN");
    conversation.profile = {
      ...conversation.profile,
      settings: { ...conversation.profile.settings, join: "open", history: "joined" },
    };
    attempt(conversation, "new", { type: "join", name: "New", secret: null });
    expect(attempt(conversation, "new", report(2))).toBe("NOT_FOUND");
  });

  test("[MOD-1] whoever may not write may report all the same", () => {
    const conversation = group();
    attempt(conversation, "cy", { type: "mute", userId: "ed", until: 99_999 });
    attempt(conversation, "cy", { type: "configure", change: { locked: true } });
    expect(attempt(conversation, "ed", report())).toBe("done");
  });
});

describe("judgements", () => {
  test("[MOD-2] staff's word stands, whatever is reported later", () => {
    const conversation = group();
    attempt(conversation, "ed", report());
    expect(judge(conversation, 1, false)).toBe("done");
    expect(judge(conversation, 1, false)).toBe("unchanged");
    expect(attempt(conversation, "ada", report())).toBe("done");
    expect(conversation.message(1)?.flag).toBe("harmless");
    expect(judge(conversation, 1, true)).toBe("done");
    expect(conversation.message(1)?.flag).toBe("spam");
  });

  test.each(["ada", "cy", "di"])("[MOD-2] %s judges nothing", (userId) => {
    const change: OtherChange = { type: "judge", target: 1, isSpam: true };
    expect(attempt(group(), userId, change)).toBe("FORBIDDEN");
    expect(attempt(group(), "stranger", change)).toBe("NOT_FOUND");
  });

  test("[MOD-2] a message is spam from the report on that makes enough of them, and until staff says otherwise", () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ by: fc.constantFrom("a", "b", "c", "d", "e") }) },
      { weight: 1, arbitrary: fc.record({ isSpam: fc.boolean() }) },
    );
    let flagged = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step), (flagAt, steps) => {
        const roles = Object.fromEntries(
          ["a", "b", "c", "d", "e", "di"].map((id) => [id, "member"]),
        );
        const conversation = new MemoryConversation(roles as Record<string, Role>);
        conversation.append([said("di", "x")], 1);
        const reporters = new Set<string>();
        let word: boolean | null = null;
        for (const each of steps) {
          if ("by" in each) {
            const expected = reporters.has(each.by) ? "unchanged" : "done";
            expect(attempt(conversation, each.by, report(1, flagAt))).toBe(expected);
            reporters.add(each.by);
          } else {
            judge(conversation, 1, each.isSpam);
            word = each.isSpam;
          }
          const spam: boolean = word ?? reporters.size >= flagAt;
          expect(isSpam(conversation.message(1)?.flag)).toBe(spam);
          if (spam) flagged++;
        }
      }),
    );
    expect(flagged).toBeGreaterThan(50);
  });
});
