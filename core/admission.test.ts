import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import type { Role } from "../protocol/member.ts";
import type { Settings } from "../protocol/settings.ts";
import { pending, said, wanted } from "../tests/support/changes.ts";
import { MemoryConversation } from "../tests/support/memory-conversation.ts";
import { decideRequest, holds, mayAdmit } from "./admission.ts";
import type { Invite } from "./invite.ts";
import type { JoinRequest } from "./join-request.ts";
import type { OtherChange } from "./changes/change.ts";

const GROUP: Record<string, Role> = { ada: "owner", bo: "admin", cy: "moderator", di: "member" };
const DAY_MS = 86_400_000;
const REFUSED_MS = LIMITS.refusedSeconds * 1_000;

function invite(changed: Partial<Invite> = {}): Invite {
  return {
    inviteId: "1",
    secret: "s",
    makerId: "bo",
    createdAt: 0,
    expiresAt: DAY_MS,
    maxUses: null,
    uses: 0,
    revokedAt: null,
    ...changed,
  };
}

function request(userId: string, changed: Partial<JoinRequest> = {}): JoinRequest {
  return { userId, name: userId.toUpperCase(), note: "", at: 0, refusedAt: null, ...changed };
}

function group(settings: Partial<Settings> = {}, ...invites: Invite[]): MemoryConversation {
  const conversation = new MemoryConversation(GROUP, { settings });
  for (const each of invites) conversation.invites.set(each.secret, each);
  return conversation;
}

function attempt(
  conversation: MemoryConversation,
  userId: string,
  change: OtherChange,
  now = 1_000,
): string {
  const { rows, outcomes } = conversation.append([wanted(userId, change)], now);
  const [outcome] = outcomes;
  if (outcome?.ok !== true) return outcome?.error.code ?? "nothing";
  return rows.length === 1 ? "done" : "unchanged";
}

const join = (secret: string | null = "s"): OtherChange => ({ type: "join", name: "Eve", secret });

describe("an invitation", () => {
  test("[ADM-1] makes its holder a member, once, and says so in the log", () => {
    const conversation = group({}, invite());
    expect(attempt(conversation, "eve", join())).toBe("done");
    expect(attempt(conversation, "eve", join())).toBe("unchanged");
    expect(conversation.members.get("eve")).toMatchObject({ role: "member" });
    expect(conversation.invites.get("s")?.uses).toBe(1);
    expect(conversation.rows.at(-1)).toMatchObject({ type: "membership", senderId: "eve" });
    expect(JSON.parse(conversation.rows.at(-1)?.body ?? "")).toEqual({
      action: "joined",
      members: [{ userId: "eve", name: "Eve", role: "member" }],
      inviteId: "1",
    });
  });

  test("[ADM-1] one nobody made is none", () => {
    expect(attempt(group(), "eve", join())).toBe("NOT_FOUND");
  });

  test.each([
    ["is over", invite({ expiresAt: 1_000 })],
    ["is used up", invite({ maxUses: 2, uses: 2 })],
    ["was taken back", invite({ revokedAt: 5 })],
    ["is of somebody who left", invite({ makerId: "gone" })],
    ["is of somebody who may not invite any more", invite({ makerId: "cy" })],
  ])("[ADM-1] that %s lets nobody in", (_why, dead) => {
    const conversation = group({}, dead);
    expect(holds(conversation, dead, 1_000)).toBe(false);
    expect(attempt(conversation, "eve", join())).toBe("FORBIDDEN");
    expect(conversation.members.has("eve")).toBe(false);
  });

  test("[ADM-1] holds until the very end", () => {
    const last = invite({ expiresAt: 1_001, maxUses: 2, uses: 1 });
    expect(attempt(group({}, last), "eve", join(), 1_000)).toBe("done");
  });

  test("[ADM-1] is of no use to somebody who is banned, and loses no use by it", () => {
    const conversation = group({}, invite());
    attempt(conversation, "cy", { type: "ban", userId: "eve", active: true });
    expect(attempt(conversation, "eve", join())).toBe("FORBIDDEN");
    expect(conversation.invites.get("s")?.uses).toBe(0);
  });

  test("[ADM-1] lets in exactly as many as it says, whoever comes in whatever order", () => {
    let full = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.constantFrom("e", "f", "g", "h", "i", "j", "k"), { minLength: 1 }),
        fc.boolean(),
        (maxUses, people, together) => {
          const conversation = group({}, invite({ maxUses }));
          const before = conversation.memberCount();
          const appends = people.map((userId) => wanted(userId, join()));
          if (together) conversation.append(appends, 1_000);
          else for (const append of appends) conversation.append([append], 1_000);
          const came = Math.min(maxUses, new Set(people).size);
          expect(conversation.memberCount() - before).toBe(came);
          expect(conversation.invites.get("s")?.uses).toBe(came);
          if (came === maxUses) full++;
        },
      ),
    );
    expect(full).toBeGreaterThan(10);
  });
});

describe("a request to join", () => {
  const ask = (conversation: MemoryConversation, userId: string, now = 1_000, waiting = 0) => {
    const decided = decideRequest(conversation, userId, { now, waiting });
    return decided.ok ? decided.value : decided.error;
  };

  test("[ADM-4] waits once, and is for groups that are not open", () => {
    const conversation = group();
    expect(ask(conversation, "eve")).toBe("new");
    conversation.requests.set("eve", request("eve"));
    expect(ask(conversation, "eve")).toBe("known");
    expect(ask(conversation, "di")).toMatchObject({ code: "ALREADY_EXISTS" });
    expect(ask(group({ join: "open" }), "eve")).toMatchObject({ code: "CONFLICT" });
    expect(ask(group({ requests: false }), "eve")).toMatchObject({ code: "FORBIDDEN" });
    const direct = new MemoryConversation({ a: "member", b: "member" }, { type: "direct" });
    expect(ask(direct, "eve")).toMatchObject({ code: "NOT_FOUND" });
  });

  test("[ADM-4] is not taken of somebody who is banned, nor above the bound", () => {
    const conversation = group();
    expect(ask(conversation, "eve", 0, LIMITS.joinRequests)).toMatchObject({ code: "TOO_LARGE" });
    expect(ask(conversation, "eve", 0, LIMITS.joinRequests - 1)).toBe("new");
    conversation.banned.add("eve");
    expect(ask(conversation, "eve")).toMatchObject({ code: "FORBIDDEN" });
  });

  test("[ADM-4] comes again only some time after it was refused", () => {
    const conversation = group();
    conversation.requests.set("eve", request("eve", { refusedAt: 1_000 }));
    expect(ask(conversation, "eve", 1_000 + REFUSED_MS - 1)).toMatchObject({
      code: "RATE_LIMITED",
      retryAfterMs: 1,
    });
    expect(ask(conversation, "eve", 1_000 + REFUSED_MS)).toBe("new");
  });

  test("[ADM-5] that is approved makes a member, by whom the log says", () => {
    const conversation = group();
    conversation.requests.set("eve", request("eve"));
    expect(attempt(conversation, "di", { type: "admit", userId: "eve" })).toBe("FORBIDDEN");
    expect(attempt(conversation, "cy", { type: "admit", userId: "eve" })).toBe("done");
    expect(attempt(conversation, "bo", { type: "admit", userId: "eve" })).toBe("unchanged");
    expect(conversation.rows.at(-1)).toMatchObject({ type: "membership", senderId: "cy" });
    expect(JSON.parse(conversation.rows.at(-1)?.body ?? "")).toEqual({
      action: "added",
      members: [{ userId: "eve", name: "EVE", role: "member" }],
      requested: true,
    });
    expect(conversation.requests.size).toBe(0);
  });

  test("[ADM-5] nobody comes in who has not asked, or was refused", () => {
    const conversation = group();
    conversation.requests.set("eve", request("eve", { refusedAt: 1 }));
    expect(attempt(conversation, "ada", { type: "admit", userId: "eve" })).toBe("NOT_FOUND");
    expect(attempt(conversation, "ada", { type: "admit", userId: "fay" })).toBe("NOT_FOUND");
  });

  test("[ADM-5] is answered by coming in another way, and by a ban", () => {
    const ways: [string, OtherChange][] = [
      ["eve", join()],
      ["ada", { type: "addMembers", people: [{ userId: "eve", name: "Eve" }] }],
      ["cy", { type: "ban", userId: "eve", active: true }],
    ];
    for (const [by, change] of ways) {
      const conversation = group({}, invite());
      conversation.requests.set("eve", request("eve"));
      expect(attempt(conversation, by, change)).toBe("done");
      expect(conversation.requests.size).toBe(0);
    }
  });
});

test("[ADM-3] invitations are for those who may invite, requests for those who may answer", () => {
  const conversation = group();
  const code = (userId: string, permission: "invite" | "answerRequests") =>
    mayAdmit(conversation, userId, permission)?.code ?? "yes";
  expect(["ada", "bo", "cy", "di", "eve"].map((id) => code(id, "invite"))).toEqual([
    "yes",
    "yes",
    "FORBIDDEN",
    "FORBIDDEN",
    "NOT_FOUND",
  ]);
  expect(["cy", "di", "eve"].map((id) => code(id, "answerRequests"))).toEqual([
    "yes",
    "FORBIDDEN",
    "NOT_FOUND",
  ]);
  const direct = new MemoryConversation({ a: "owner", b: "member" }, { type: "direct" });
  expect(mayAdmit(direct, "a", "invite")).toMatchObject({ code: "FORBIDDEN" });
});

describe("a dismissal", () => {
  test("[MEM-7] puts everybody out, and nothing comes after it", () => {
    const conversation = group({ join: "open" }, invite());
    conversation.requests.set("eve", request("eve"));
    conversation.append([said("di", "hello")], 1_000);
    expect(attempt(conversation, "bo", { type: "dismiss" })).toBe("FORBIDDEN");
    const end = wanted("ada", { type: "dismiss" });
    expect(conversation.append([end], 2_000).outcomes[0]).toMatchObject({ ok: true });
    expect(conversation.rows.at(-1)).toMatchObject({
      seq: 2,
      type: "dismissed",
      senderId: "ada",
      body: JSON.stringify({ memberCount: 4 }),
    });
    expect(conversation.memberCount()).toBe(0);
    expect(conversation.requests.size).toBe(0);
    for (const change of [join(), join(null), { type: "leave" } as const]) {
      expect(attempt(conversation, "eve", change)).toBe("NOT_FOUND");
    }
    expect(decideRequest(conversation, "eve", { now: 0, waiting: 0 })).toMatchObject({
      error: { code: "NOT_FOUND" },
    });
    for (const authority of ["system", "moderation"] as const) {
      const staff = { userId: "staff", authority };
      const add = { type: "addMembers", people: [{ userId: "eve", name: "Eve" }] } as const;
      const [added] = conversation.append([pending(staff, add)], 3_000).outcomes;
      expect(added).toMatchObject({ error: { code: "NOT_FOUND" } });
    }
    const notice = pending(
      { userId: "system", authority: "system" },
      { type: "message", body: JSON.stringify({ type: "SYSTEM", content: "x" }), mentions: null },
    );
    expect(conversation.append([notice], 3_000).outcomes[0]).toMatchObject({
      error: { code: "NOT_FOUND" },
    });
    // the owner's repeat is answered all the same
    expect(conversation.append([end], 3_000).outcomes[0]).toMatchObject({
      ok: true,
      value: [{ seq: 2, repeated: true }],
    });
  });

  test("[MEM-7] is not for direct conversations", () => {
    const direct = new MemoryConversation({ a: "owner", b: "member" }, { type: "direct" });
    expect(attempt(direct, "a", { type: "dismiss" })).toBe("FORBIDDEN");
  });
});
