import { expect, test } from "vitest";
import type { GroupMemberPage, ReaderEvent, SessionEvents } from "../client/index.ts";
import { Roster } from "./roster.ts";

type Welcome = SessionEvents["welcome"];
type Membership = Extract<ReaderEvent, { type: "membership" }>;
type Person = Membership["members"][number];

const ME = "me";
const HEAD = 10;
const me: Person = { userId: ME, name: "Mei", role: "member" };
const ada: Person = { userId: "ada", name: "Ada", role: "owner" };
const bo: Person = { userId: "bo", name: "Bo", role: "member" };
const SETTINGS: Welcome["conversation"]["settings"] = {
  join: "invite",
  requests: true,
  send: "member",
  slowModeS: 0,
  history: "all",
  editWindowS: 0,
  locked: false,
};

function rosterOf(...members: Person[]): Roster {
  const roster = new Roster(ME);
  const conversation = {
    type: "group" as const,
    name: "Crew",
    avatarFileId: null,
    createdAt: 0,
    settings: SETTINGS,
    members,
    memberCount: members.length,
  };
  const role = members.find(({ userId }) => userId === ME)?.role ?? "member";
  roster.welcome({
    type: "welcome",
    version: 1,
    conversationId: "g1",
    epoch: "e",
    sessionId: "s",
    userId: ME,
    head: HEAD,
    from: 0,
    conversation,
    me: { role, delivered: 0, read: 0, unread: 0, mentions: 0 },
    receipts: [],
    online: { userIds: [], count: 0 },
    fates: [],
    reconnectSlotMs: 0,
  });
  return roster;
}

function happened(
  seq: number,
  action: Membership["action"],
  members: Person[],
  more: Partial<Membership> = {},
): Membership {
  return { seq, at: 0, type: "membership", senderId: "ada", action, members, ...more };
}

const rolesIn = (roster: Roster) => roster.members().map(({ name, role }) => `${name} ${role}`);

function pageOf(...members: Person[]): GroupMemberPage {
  const rest = { joinedAt: 0, mutedUntil: null, online: false };
  return {
    members: members.map((member) => ({ ...member, ...rest })),
    memberCount: members.length,
    nextCursor: null,
  };
}

test("members stand from the owner down, and by name", () => {
  const zoe: Person = { userId: "zoe", name: "Zoe", role: "admin" };
  expect(rolesIn(rosterOf(me, bo, zoe, ada))).toEqual([
    "Ada owner",
    "Zoe admin",
    "Bo member",
    "Mei member",
  ]);
});

test("[MEM-1] members come, go and get roles as the log says it", () => {
  const roster = rosterOf(ada, me);
  roster.apply([happened(11, "added", [bo]), happened(12, "role", [{ ...bo, role: "moderator" }])]);
  expect(rolesIn(roster)).toEqual(["Ada owner", "Bo moderator", "Mei member"]);
  roster.apply([happened(13, "removed", [bo])]);
  expect(rolesIn(roster)).toEqual(["Ada owner", "Mei member"]);
});

test("[MEM-4] handing over changes two roles, the own one too", () => {
  const roster = rosterOf(ada, me);
  const heirs: Person[] = [
    { ...me, role: "owner" },
    { ...ada, role: "admin" },
  ];
  roster.apply([happened(11, "transferred", heirs)]);
  expect(rolesIn(roster)).toEqual(["Mei owner", "Ada admin"]);
  expect(roster.myRole).toBe("owner");
});

test("what the welcome knew already changes nothing when it is read again", () => {
  const roster = rosterOf(ada, me);
  roster.apply([
    happened(8, "added", [bo]),
    happened(9, "role", [{ ...me, role: "admin" }]),
    happened(10, "removed", [me]),
  ]);
  expect(rolesIn(roster)).toEqual(["Ada owner", "Mei member"]);
  expect(roster.myRole).toBe("member");
  expect(roster.departure).toBeUndefined();
});

test("[MEM-1] a mute from before the welcome still counts, unless a joining came after it", () => {
  const roster = rosterOf(ada, bo, me);
  roster.apply([
    happened(7, "muted", [me], { until: 500 }),
    happened(8, "muted", [bo], { until: 500 }),
    happened(9, "joined", [bo]),
  ]);
  expect(roster.myMuteUntil).toBe(500);
  const mutedBo = roster.members().find(({ userId }) => userId === "bo");
  expect(mutedBo?.mutedUntil).toBe(0);
  roster.apply([happened(11, "muted", [me], { until: 0 })]);
  expect(roster.myMuteUntil).toBe(0);
});

test.each(["left", "removed", "banned"] as const)("[MEM-1] %s is a departure", (action) => {
  const roster = rosterOf(ada, me);
  const event = happened(11, action, [me]);
  roster.apply([event]);
  expect(roster.departure).toEqual(event);
});

test("[MEM-7] so is the end of the group", () => {
  const roster = rosterOf(ada, me);
  const end = { seq: 11, at: 0, type: "dismissed", senderId: "ada", memberCount: 2 } as const;
  roster.apply([end]);
  expect(roster.departure).toEqual(end);
});

test("[MEM-5] settings change by what is named", () => {
  const roster = rosterOf(ada, me);
  const settings = { name: "Other crew", slowModeS: 30 };
  roster.apply([{ seq: 11, at: 0, type: "settings", senderId: "ada", settings }]);
  expect(roster.settings).toEqual({ ...SETTINGS, slowModeS: 30 });
});

test("a page of members that is older than what came meanwhile does not undo it", async () => {
  const roster = rosterOf(ada, me);
  const { promise, resolve } = Promise.withResolvers<GroupMemberPage>();
  const read = roster.read(promise);
  roster.apply([happened(11, "removed", [bo]), happened(12, "role", [{ ...me, role: "admin" }])]);
  resolve(pageOf(ada, bo, me));
  expect(await read).toBeNull();
  expect(rolesIn(roster)).toEqual(["Ada owner", "Mei admin"]);
  expect(roster.myRole).toBe("admin");
});

test("a page that is asked for later is taken as it is", async () => {
  const roster = rosterOf(ada, me);
  await roster.read(Promise.resolve(pageOf(ada, bo, me)));
  expect(rolesIn(roster)).toEqual(["Ada owner", "Bo member", "Mei member"]);
});
