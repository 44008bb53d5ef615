import type { JoinRequest } from "../../core/join-request.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { route, type Route } from "../api/route.ts";
import {
  joinRequestBody,
  joinRequestSchema,
  joinRequestsSchema,
} from "../api/schemas/admission.ts";
import { changedSchema } from "../api/schemas/conversation.ts";
import { onMember } from "../api/schemas/ids.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import { changed, ofGroup } from "./group-route.ts";
import { IDEMPOTENCY } from "../idempotency-key.ts";
import { accept } from "../../edge/refused-error.ts";

export const joinRequests: readonly Route[] = [
  route(
    {
      ...ofGroup,
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
      ...ofGroup,
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
      ...ofGroup,
      method: "post",
      path: "/conversations/:conversationId/requests/:userId/approve",
      summary: "Let somebody in who has asked",
      headers: IDEMPOTENCY,
      params: onMember,
      answer: changedSchema,
      refusals: ["FORBIDDEN", "NOT_FOUND", "TOO_LARGE"],
    },
    (request) => changed(request, { type: "admit", userId: request.params.userId }),
  ),
  route(
    {
      ...ofGroup,
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
