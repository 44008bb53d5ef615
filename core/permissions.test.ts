import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ROLES, type Role } from "../protocol/member.ts";
import { wanted, said } from "../tests/support/changes.ts";
import { MemoryConversation } from "../tests/support/memory-conversation.ts";
import type { OtherChange } from "./changes/change.ts";
import { isAtLeast, may, outranks, PERMISSIONS, type Permission } from "./permissions.ts";

/** Written out once more, by hand, so that a changed cell is noticed: o(wner), a(dmin), m(oderator), - (member). */
const EXPECTED: Record<Permission, string> = {
  send: "oam-",
  sendWhileLocked: "oam",
  skipSlowMode: "oam",
  deleteOthersMessages: "oam",
  eraseMembersMessages: "oam",
  readOthersVersions: "oam",
  addMembers: "oa",
  invite: "oa",
  answerRequests: "oam",
  removeMembers: "oam",
  banMembers: "oam",
  muteMembers: "oam",
  changeRoles: "oa",
  changeSettings: "oa",
  lock: "oam",
  transfer: "o",
  dismiss: "o",
};
const SIGN: Record<Role, string> = { owner: "o", admin: "a", moderator: "m", member: "-" };

describe("the permission table", () => {
  for (const permission of Object.keys(PERMISSIONS) as Permission[]) {
    for (const role of ROLES) {
      const allowed = EXPECTED[permission].includes(SIGN[role]);
      test(`[MEM-2] a ${role} may ${allowed ? "" : "not "}${permission}`, () => {
        expect(may(role, permission)).toBe(allowed);
      });
    }
  }
});

const OTHER = { userId: "target" };
const CHANGES = {
  addMembers: { type: "addMembers", people: [{ userId: "new", name: "New" }] },
  removeMembers: { type: "removeMember", ...OTHER },
  banMembers: { type: "ban", ...OTHER, active: true },
  muteMembers: { type: "mute", ...OTHER, until: 99_999_999 },
  changeRoles: { type: "setRole", ...OTHER, role: "moderator" },
  changeSettings: { type: "configure", change: { name: "Other" } },
  lock: { type: "configure", change: { locked: true } },
  transfer: { type: "transfer", ...OTHER },
  dismiss: { type: "dismiss" },
  deleteOthersMessages: { type: "delete", target: 1 },
  eraseMembersMessages: { type: "erase", userId: "target", targets: [1] },
} as const satisfies Partial<Record<Permission, OtherChange>>;

describe("every change asks the table", () => {
  for (const [permission, change] of Object.entries(CHANGES)) {
    for (const role of ROLES) {
      const allowed = EXPECTED[permission as Permission].includes(SIGN[role]);
      test(`[MEM-2] ${change.type} (${permission}) by a ${role} is ${allowed ? "done" : "FORBIDDEN"}`, () => {
        const conversation = new MemoryConversation({ me: role, target: "member", boss: "owner" });
        conversation.append([said("target", "hello")], 1);
        const { outcomes, rows } = conversation.append([wanted("me", change)], 2);
        expect(outcomes[0]).toMatchObject(
          allowed ? { ok: true } : { ok: false, error: { code: "FORBIDDEN" } },
        );
        expect(rows).toHaveLength(allowed ? 1 : 0);
      });
    }
  }

  test("[MEM-2] somebody who is no member sees no conversation, whatever he wants", () => {
    for (const change of Object.values(CHANGES)) {
      const conversation = new MemoryConversation({ target: "member" });
      conversation.append([said("target", "hello")], 1);
      const { outcomes } = conversation.append([wanted("stranger", change)], 2);
      expect(outcomes[0]).toMatchObject({ ok: false, error: { code: "NOT_FOUND" } });
    }
  });

  test("[MEM-3] nobody acts on somebody of his own rank or above", () => {
    const downwards = ["removeMember", "ban", "mute", "setRole", "erase"] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...ROLES),
        fc.constantFrom(...ROLES),
        fc.constantFrom(...downwards),
        (mine, theirs, type) => {
          const conversation = new MemoryConversation({ me: mine, target: theirs, boss: "owner" });
          const change = Object.values(CHANGES).find((each) => each.type === type);
          if (change === undefined) throw new Error(`no example of ${type}`);
          conversation.append([said("target", "hello")], 1);
          const { outcomes } = conversation.append([wanted("me", change)], 2);
          if (outcomes[0]?.ok === true) expect(outranks(mine, theirs)).toBe(true);
          else {
            expect(conversation.members.get("target")?.role).toBe(theirs);
            expect(conversation.messages.get(1)?.deletedAt).toBeNull();
          }
        },
      ),
    );
  });

  test("[MEM-3] nobody raises somebody to his own rank", () => {
    const conversation = new MemoryConversation({ me: "admin", target: "member", boss: "owner" });
    const raise = wanted("me", { type: "setRole", userId: "target", role: "admin" });
    expect(conversation.append([raise], 1).outcomes[0]).toMatchObject({
      ok: false,
      error: { code: "FORBIDDEN" },
    });
  });
});

test("[MEM-5] the least role that may send is counted from the top", () => {
  expect(isAtLeast("moderator", "moderator")).toBe(true);
  expect(isAtLeast("owner", "moderator")).toBe(true);
  expect(isAtLeast("member", "moderator")).toBe(false);
});
