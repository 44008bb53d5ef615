import { isoTime } from "../../edge/iso-time.ts";
import type { HeldInvite } from "../../edge/rpc/admission-rpc.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { inviteTokenOf } from "../../protocol/invite-token.ts";
import { route, type Route } from "../api/route.ts";
import {
  byToken,
  invitationSchema,
  inviteBody,
  inviteSchema,
  invitesSchema,
  onInvite,
} from "../api/schemas/admission.ts";
import { changedSchema } from "../api/schemas/conversation.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import { changed, ofGroup } from "./group-route.ts";
import { idempotencyKey, IDEMPOTENCY } from "../idempotency-key.ts";
import { accept } from "../../edge/refused-error.ts";

export const invites: readonly Route[] = [
  route(
    {
      ...ofGroup,
      method: "post",
      path: "/conversations/:conversationId/invites",
      summary: "Make an invitation: a link that lets people in until it expires or is used up",
      headers: IDEMPOTENCY,
      body: inviteBody,
      answer: inviteSchema,
      statuses: [201, 200],
      refusals: ["FORBIDDEN", "NOT_FOUND", "TOO_LARGE"],
    },
    async ({ c, me, params: { conversationId }, body: { expiresInS, maxUses } }) => {
      const key = idempotencyKey(c);
      const draft = { seconds: expiresInS, maxUses };
      const { repeated, ...invite } = accept(
        await callConversation(c.env, conversationId, (stub) =>
          stub.makeInvite(me.userId, key, draft),
        ),
      );
      return { data: inviteAnswer(conversationId, invite), status: repeated ? 200 : 201 };
    },
  ),
  route(
    {
      ...ofGroup,
      method: "get",
      path: "/conversations/:conversationId/invites",
      summary: "Invitations of a group, newest first; owners and admins see them",
      answer: invitesSchema,
    },
    async ({ c, me, params: { conversationId } }) => {
      const found = accept(
        await callConversation(c.env, conversationId, (stub) => stub.invites(me.userId)),
      );
      return { data: { invites: found.map((invite) => inviteAnswer(conversationId, invite)) } };
    },
  ),
  route(
    {
      ...ofGroup,
      method: "delete",
      path: "/conversations/:conversationId/invites/:inviteId",
      summary: "Take an invitation back",
      params: onInvite,
      answer: inviteSchema,
    },
    async ({ c, me, params: { conversationId, inviteId } }) => {
      const revoked = accept(
        await callConversation(c.env, conversationId, (stub) =>
          stub.revokeInvite(me.userId, inviteId),
        ),
      );
      return { data: inviteAnswer(conversationId, revoked) };
    },
  ),
  route(
    {
      ...ofGroup,
      method: "get",
      path: "/invites/:token",
      summary: "What an invitation leads to, without using it",
      params: byToken,
      answer: invitationSchema,
    },
    async ({ c, me, params: { token } }) => {
      const sketch = accept(
        await callConversation(c.env, token.conversationId, (stub) =>
          stub.invitation(me.userId, token.secret),
        ),
      );
      return { data: { ...sketch, expiresAt: isoTime(sketch.expiresAt) } };
    },
  ),
  route(
    {
      ...ofGroup,
      method: "post",
      path: "/invites/:token/accept",
      summary: "Become a member by an invitation; who is one already uses none of it",
      headers: IDEMPOTENCY,
      params: byToken,
      answer: changedSchema,
      refusals: ["FORBIDDEN", "NOT_FOUND", "TOO_LARGE"],
    },
    ({ c, me, params: { token } }) => {
      const { secret } = token;
      return changed({ c, me, params: token }, { type: "join", name: me.name, secret });
    },
  ),
];

function inviteAnswer(conversationId: ConversationId, invite: HeldInvite) {
  const { inviteId, secret, makerId, createdAt, expiresAt, maxUses, uses, revokedAt } = invite;
  return {
    inviteId,
    conversationId,
    token: inviteTokenOf({ conversationId, secret }),
    createdBy: makerId,
    createdAt: isoTime(createdAt),
    expiresAt: isoTime(expiresAt),
    maxUses,
    uses,
    revokedAt: revokedAt === null ? null : isoTime(revokedAt),
    active: invite.holds,
  };
}
