import type { JoinRequest } from "../../core/admission.ts";
import { isoTime } from "../../durable-objects/iso-time.ts";
import type { Contract } from "../api/contract.ts";
import { route, type Route } from "../api/route.ts";
import {
  joinRequestBody,
  joinRequestSchema,
  joinRequestsSchema,
} from "../api/schemas/admission.ts";
import { changedSchema } from "../api/schemas/conversation.ts";
import { inConversation, onMember } from "../api/schemas/ids.ts";
import { changeConversation, changerOf } from "../changing.ts";
import { callConversation } from "../conversation-stub.ts";
import { IDEMPOTENCY } from "../idempotency-key.ts";
import { accept } from "../refused-error.ts";

const ofRequests = {
  tag: "members",
  access: "user",
  params: inConversation,
  statuses: [200],
  refusals: ["FORBIDDEN", "NOT_FOUND"],
} as const satisfies Omit<Contract, "method" | "path" | "summary">;

export const joinRequests: readonly Route[] = [
  route(
    {
      ...ofRequests,
      method: "post",
      path: "/conversations/:conversationId/requests",
      summary: "Ask to become a member of a group that is not open",
      body: joinRequestBody,
      answer: joinRequestSchema,
      statuses: [201, 200],
      refusals: ["FORBIDDEN", "NOT_FOUND", "ALREADY_EXISTS", "CONFLICT", "TOO_LARGE"],
    },
    async ({ c, me, params: { conversationId }, body: { note } }) => {
      const person = { userId: me.userId, name: me.name, note };
      const { repeated, ...request } = accept(
        await callConversation(c.env, conversationId, (stub) => stub.requestToJoin(person)),
      );
      return { data: requestAnswer(request), status: repeated ? 200 : 201 };
    },
  ),
  route(
    {
      ...ofRequests,
      method: "get",
      path: "/conversations/:conversationId/requests",
      summary: "Who waits to become a member, the first one first; moderators see it",
      answer: joinRequestsSchema,
    },
    async ({ c, me, params: { conversationId } }) => {
      const waiting = accept(
        await callConversation(c.env, conversationId, (stub) => stub.joinRequests(me.userId)),
      );
      return { data: { requests: waiting.map(requestAnswer) } };
    },
  ),
  route(
    {
      ...ofRequests,
      method: "post",
      path: "/conversations/:conversationId/requests/:userId/approve",
      summary: "Let somebody in who has asked",
      headers: IDEMPOTENCY,
      params: onMember,
      answer: changedSchema,
      refusals: ["FORBIDDEN", "NOT_FOUND", "TOO_LARGE"],
    },
    async ({ c, me, params: { conversationId, userId } }) => {
      const changer = changerOf(c, me);
      const change = { type: "admit" as const, userId };
      const { seq } = await changeConversation(c.env, conversationId, changer, change);
      return { data: { conversationId, seq } };
    },
  ),
  route(
    {
      ...ofRequests,
      method: "delete",
      path: "/conversations/:conversationId/requests/:userId",
      summary: "Refuse a request; one's own is withdrawn",
      params: onMember,
      statuses: [204],
    },
    async ({ c, me, params: { conversationId, userId } }) => {
      accept(
        await callConversation(c.env, conversationId, (stub) => stub.endRequest(me.userId, userId)),
      );
      return { data: undefined };
    },
  ),
];

function requestAnswer({ userId, name, note, at }: JoinRequest) {
  return { userId, name, note, requestedAt: isoTime(at) };
}
