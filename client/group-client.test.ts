import { expect, test } from "vitest";
import { GroupClient } from "./group-client.ts";
import type { Fetch } from "./http.ts";
import { SignedInRequests } from "./signed-in-requests.ts";

/** Answers the same to everything, and notes what was asked. */
function setUp(data: unknown, status = 200) {
  const asked: string[] = [];
  const fetch: Fetch = async (url, { method = "", body }) => {
    asked.push(`${method} ${new URL(url).pathname} ${typeof body === "string" ? body : "-"}`);
    return status === 204
      ? new Response(null, { status })
      : Response.json({ success: true, message: "", data, metadata: {} }, { status });
  };
  const tokens = { token: async () => "t" };
  return { asked, groups: new GroupClient(new SignedInRequests(fetch, "https://e.test", tokens)) };
}

const AT = "2026-01-02T03:04:05.006Z";
const AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const settings = {
  join: "invite",
  requests: true,
  send: "member",
  slowModeS: 0,
  history: "all",
  editWindowS: 86_400,
  locked: false,
};
const group = {
  conversationId: "g1",
  type: "group",
  name: "Crew",
  lastMessage: null,
  lastSeq: 4,
  createdAt: AT,
  updatedAt: AT,
  memberCount: 1,
  myRole: "owner",
  members: [{ userId: "u1", name: "Ada", role: "owner" }],
  settings,
};
const invite = {
  inviteId: "1",
  conversationId: "g1",
  token: "g1.00",
  createdBy: "u1",
  createdAt: AT,
  expiresAt: AT,
  maxUses: null,
  uses: 2,
  revokedAt: null,
  active: true,
};
const readInvite = { ...invite, createdAt: AT_MS, expiresAt: AT_MS };

test("[MEM-1] every change of a group goes to its own route, with what it needs", async () => {
  const { asked, groups } = setUp({ conversationId: "g1", seq: 7 });
  const seqs = [
    await groups.addMembers("g1", ["u2", "u3"]),
    await groups.removeMember("g1", "u2"),
    await groups.setRole("g1", "u2", "moderator"),
    await groups.mute("g1", "u2", 60),
    await groups.ban("g1", "u2"),
    await groups.unban("g1", "u2"),
    await groups.transfer("g1", "u2"),
    await groups.leave("g1"),
    await groups.dismiss("g1"),
    await groups.join("g1"),
    await groups.acceptInvite("g1.00"),
    await groups.approveRequest("g1", "u2"),
  ].map(({ seq }) => seq);
  expect(seqs).toEqual(Array.from({ length: 12 }, () => 7));
  expect(asked).toEqual([
    'POST /conversations/g1/members {"userIds":["u2","u3"]}',
    "DELETE /conversations/g1/members/u2 -",
    'PUT /conversations/g1/members/u2/role {"role":"moderator"}',
    'PUT /conversations/g1/members/u2/mute {"seconds":60}',
    "PUT /conversations/g1/bans/u2 -",
    "DELETE /conversations/g1/bans/u2 -",
    'POST /conversations/g1/transfer {"userId":"u2"}',
    "POST /conversations/g1/leave -",
    "DELETE /conversations/g1 -",
    "POST /conversations/g1/join -",
    "POST /invites/g1.00/accept -",
    "POST /conversations/g1/requests/u2/approve -",
  ]);
});

test("a user id with other letters stays one part of the path", async () => {
  const { asked, groups } = setUp({ conversationId: "g1", seq: 7 });
  await groups.ban("g1", "a/b?c");
  expect(asked).toEqual(["PUT /conversations/g1/bans/a%2Fb%3Fc -"]);
});

test("[MEM-5] a group is read with its settings, also after a change of them", async () => {
  const { asked, groups } = setUp(group);
  const read = { ...group, createdAt: AT_MS, updatedAt: AT_MS, unreadCount: 0 };
  expect(await groups.group("g1")).toEqual(read);
  expect(await groups.configure("g1", { name: "Crew", slowModeS: 30 })).toEqual(read);
  expect(asked).toEqual([
    "GET /conversations/g1 -",
    'PATCH /conversations/g1 {"name":"Crew","slowModeS":30}',
  ]);
});

test("members come with times as numbers, and the page after them", async () => {
  const ada = { userId: "u1", name: "Ada", role: "owner", joinedAt: AT, online: true };
  const bo = { userId: "u2", name: "Bo", role: "member", joinedAt: AT, online: false };
  const members = [
    { ...ada, mutedUntil: null },
    { ...bo, mutedUntil: AT },
  ];
  const { asked, groups } = setUp({ members, memberCount: 3, nextCursor: "c" });
  expect(await groups.members("g1", { limit: 1 })).toEqual({
    members: [
      { ...ada, joinedAt: AT_MS, mutedUntil: null },
      { ...bo, joinedAt: AT_MS, mutedUntil: AT_MS },
    ],
    memberCount: 3,
    nextCursor: "c",
  });
  expect(asked).toEqual(["GET /conversations/g1/members -"]);
});

test("[MEM-1] bans are user ids", async () => {
  const { asked, groups } = setUp({ bans: [{ userId: "u2" }, { userId: "u3" }] });
  expect(await groups.bans("g1")).toEqual(["u2", "u3"]);
  expect(asked).toEqual(["GET /conversations/g1/bans -"]);
});

test("[ADM-2] invitations are made with or without terms, and taken back", async () => {
  const { asked, groups } = setUp(invite);
  expect(await groups.makeInvite("g1")).toEqual(readInvite);
  await groups.makeInvite("g1", { expiresInS: 60, maxUses: 1 });
  await groups.revokeInvite("g1", "1");
  expect(asked).toEqual([
    "POST /conversations/g1/invites {}",
    'POST /conversations/g1/invites {"expiresInS":60,"maxUses":1}',
    "DELETE /conversations/g1/invites/1 -",
  ]);
});

test("[ADM-3] invitations are listed", async () => {
  const { groups } = setUp({ invites: [invite] });
  expect(await groups.invites("g1")).toEqual([readInvite]);
});

test("[ADM-1] an invitation is looked at without using it", async () => {
  const sketch = { conversationId: "g1", name: "Crew", memberCount: 3, isMember: false };
  const { asked, groups } = setUp({ ...sketch, expiresAt: AT });
  expect(await groups.invitation("g1.00")).toEqual({ ...sketch, expiresAt: AT_MS });
  expect(asked).toEqual(["GET /invites/g1.00 -"]);
});

test("[ADM-4] requests are made, listed, and refused with an answer that is empty", async () => {
  const request = { userId: "u2", name: "Bo", note: "hi", requestedAt: AT };
  const read = { ...request, requestedAt: AT_MS };
  const making = setUp(request, 201);
  expect(await making.groups.requestToJoin("g1", "hi")).toEqual(read);
  expect(making.asked).toEqual(['POST /conversations/g1/requests {"note":"hi"}']);
  const listing = setUp({ requests: [request] });
  expect(await listing.groups.joinRequests("g1")).toEqual([read]);
  const ending = setUp(undefined, 204);
  await ending.groups.endRequest("g1", "u2");
  expect(ending.asked).toEqual(["DELETE /conversations/g1/requests/u2 -"]);
});
