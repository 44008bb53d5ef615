import type { Contract } from "../api/contract.ts";
import { route, type Route } from "../api/route.ts";
import {
  addMembersBody,
  bansSchema,
  changedSchema,
  memberPageQuery,
  memberPageSchema,
  muteBody,
  roleBody,
  transferBody,
} from "../api/schemas/conversation.ts";
import { inConversation, onMember } from "../api/schemas/ids.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import { namedPeople } from "../../edge/calls/directory.ts";
import { changed, ofGroup } from "./group-route.ts";
import { IDEMPOTENCY } from "../idempotency-key.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { accept } from "../../edge/refused-error.ts";

/** What the changes of one member have in common. */
const ofMember = {
  ...ofGroup,
  headers: IDEMPOTENCY,
  params: onMember,
  answer: changedSchema,
  refusals: ["FORBIDDEN", "NOT_FOUND", "CONFLICT"],
} as const satisfies Omit<Contract, "method" | "path" | "summary">;

export const members: readonly Route[] = [
  route(
    {
      ...ofGroup,
      method: "get",
      path: "/conversations/:conversationId/members",
      summary: "Members, page by page",
      query: memberPageQuery,
      answer: memberPageSchema,
      tagged: true,
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { conversationId }, query: { limit, cursor } }) => {
      const asked = cursor === undefined ? { limit } : { limit, cursor };
      const page = accept(
        await callConversation(c.env, conversationId, (stub) => stub.members(me.userId, asked)),
      );
      const online = new Set(page.online);
      const found = page.members.map(({ userId, name, role, joinedAt, mutedUntil }) => ({
        userId,
        name,
        role,
        joinedAt: isoTime(joinedAt),
        mutedUntil: mutedUntil === 0 ? null : isoTime(mutedUntil),
        online: online.has(userId),
      }));
      const { memberCount, nextCursor } = page;
      return { data: { members: found, memberCount, nextCursor } };
    },
  ),
  route(
    {
      ...ofMember,
      method: "post",
      path: "/conversations/:conversationId/members",
      summary: "Add people to a group",
      params: inConversation,
      body: addMembersBody,
      refusals: ["FORBIDDEN", "NOT_FOUND", "TOO_LARGE"],
    },
    async (request) => {
      const people = accept(await namedPeople(request.c.env, request.c.var.config, request.body));
      return changed(request, { type: "addMembers", people });
    },
  ),
  route(
    {
      ...ofMember,
      method: "delete",
      path: "/conversations/:conversationId/members/:userId",
      summary: "Remove somebody of a lower role; oneself is leaving",
    },
    (request) => {
      const { userId } = request.params;
      const isLeaving = userId === request.me.userId;
      return changed(request, isLeaving ? { type: "leave" } : { type: "removeMember", userId });
    },
  ),
  route(
    {
      ...ofMember,
      method: "put",
      path: "/conversations/:conversationId/members/:userId/role",
      summary: "Give somebody of a lower role another one",
      body: roleBody,
    },
    (request) => {
      const { params, body } = request;
      return changed(request, { type: "setRole", userId: params.userId, role: body.role });
    },
  ),
  route(
    {
      ...ofMember,
      method: "put",
      path: "/conversations/:conversationId/members/:userId/mute",
      summary: "Take the word from somebody of a lower role for a time; 0 gives it back",
      body: muteBody,
    },
    (request) => {
      const { userId } = request.params;
      const { seconds } = request.body;
      const until = seconds === 0 ? 0 : Date.now() + seconds * 1_000;
      return changed(request, { type: "mute", userId, until });
    },
  ),
  route(
    {
      ...ofGroup,
      method: "get",
      path: "/conversations/:conversationId/bans",
      summary: "Who may not come in; moderators see it",
      answer: bansSchema,
    },
    async ({ c, me, params: { conversationId } }) => {
      const banned = accept(
        await callConversation(c.env, conversationId, (stub) => stub.bans(me.userId)),
      );
      return { data: { bans: banned.map((userId) => ({ userId })) } };
    },
  ),
  ...[true, false].map((active) =>
    route(
      {
        ...ofMember,
        method: active ? "put" : "delete",
        path: "/conversations/:conversationId/bans/:userId",
        summary: active ? "Send somebody away for good" : "Let somebody come back",
      },
      (request) => changed(request, { type: "ban", userId: request.params.userId, active }),
    ),
  ),
  route(
    {
      ...ofMember,
      method: "post",
      path: "/conversations/:conversationId/transfer",
      summary: "Hand the group over; the old owner stays as an admin",
      params: inConversation,
      body: transferBody,
    },
    (request) => changed(request, { type: "transfer", userId: request.body.userId }),
  ),
  route(
    {
      ...ofMember,
      method: "post",
      path: "/conversations/:conversationId/join",
      summary: "Become a member of an open group",
      params: inConversation,
    },
    (request) => changed(request, { type: "join", name: request.me.name, secret: null }),
  ),
  route(
    {
      ...ofMember,
      method: "post",
      path: "/conversations/:conversationId/leave",
      summary: "Leave a group; the last owner hands over first",
      params: inConversation,
    },
    (request) => changed(request, { type: "leave" }),
  ),
  route(
    {
      ...ofMember,
      method: "delete",
      path: "/conversations/:conversationId",
      summary: "Dismiss a group: everybody leaves, and nothing can be sent any more",
      params: inConversation,
    },
    (request) => changed(request, { type: "dismiss" }),
  ),
];
