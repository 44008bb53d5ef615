import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { pending, said, wanted } from "../../tests/support/changes.ts";
import { MemoryConversation } from "../../tests/support/memory-conversation.ts";

const STAFF = { userId: "staff", authority: "moderation" } as const;

describe("erasing somebody's messages", () => {
  test("[CHG-7] one event takes away all of them that are still there, and nobody else's", () => {
    let erased = 0;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("cy", "di", "ed"), { minLength: 5, maxLength: 30 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 31 }), { minLength: 5 }),
        (authors, targets) => {
          const conversation = new MemoryConversation({
            cy: "moderator",
            di: "member",
            ed: "member",
          });
          for (const author of authors) conversation.append([said(author, "text")], 1);
          conversation.append([wanted("di", { type: "delete", target: 1 })], 2);
          const before = structuredClone(conversation.messages);
          const there = (seq: number) =>
            before.get(seq)?.senderId === "di" && before.get(seq)?.deletedAt === null;
          const wantedOnes = targets.filter(there);
          const erase = wanted("cy", { type: "erase", userId: "di", targets });
          const { rows } = conversation.append([erase], 3);
          expect(rows.map(({ type, body }) => [type, body])).toEqual(
            wantedOnes.length === 0
              ? []
              : [["erased", JSON.stringify({ userId: "di", targets: wantedOnes })]],
          );
          for (const [seq, message] of conversation.messages) {
            if (!wantedOnes.includes(seq)) expect(message).toEqual(before.get(seq));
            else expect(message).toMatchObject({ content: "", deletedAt: 3, versions: ["text"] });
          }
          expect(conversation.append([erase], 4).rows).toEqual([]);
          erased += wantedOnes.length;
        },
      ),
    );
    expect(erased).toBeGreaterThan(50);
  });

  test("[CHG-7] of somebody who has left as well, and by staff that is no member", () => {
    const conversation = new MemoryConversation({ cy: "moderator", di: "admin" });
    conversation.append([said("di", "one"), said("di", "two")], 1);
    const erase = { type: "erase", userId: "di", targets: [1] } as const;
    expect(conversation.append([wanted("cy", erase)], 2).outcomes[0]).toMatchObject({
      error: { code: "FORBIDDEN" },
    });
    expect(conversation.append([pending(STAFF, erase)], 2).rows).toMatchObject([
      { type: "erased", senderId: "staff" },
    ]);
    conversation.members.delete("di");
    const rest = { ...erase, targets: [2] };
    expect(conversation.append([wanted("cy", rest)], 3).rows).toHaveLength(1);
    expect(conversation.staffNotices).toEqual([3, 4]);
  });

  test("[CHG-7] an event names a bounded number of messages", () => {
    const conversation = new MemoryConversation({ cy: "moderator", di: "member" });
    const targets = Array.from({ length: LIMITS.erasedPerEvent + 1 }, (_, index) => index);
    const erase = wanted("cy", { type: "erase", userId: "di", targets });
    expect(conversation.append([erase], 2).outcomes[0]).toMatchObject({
      error: { code: "TOO_LARGE" },
    });
  });
});
