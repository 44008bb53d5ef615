import { isoTime } from "../../edge/iso-time.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { route, type Route } from "../api/route.ts";
import { onUser } from "../api/schemas/ids.ts";
import {
  blockedSchema,
  blocksSchema,
  invisibleBody,
  presenceQuery,
  presencesSchema,
} from "../api/schemas/presence.ts";
import { callInbox } from "../../edge/calls/inbox-stub.ts";
import { presencesOf } from "../calls/presence.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";

export const presence: readonly Route[] = [
  route(
    {
      method: "get",
      path: "/presence",
      summary: "Who of some people is here, as far as one shares a conversation with them",
      tag: "users",
      access: "user",
      query: presenceQuery,
      answer: presencesSchema,
      statuses: [200],
    },
    async ({ c, me, query: { userIds } }) => ({
      data: { users: await presencesOf(c.env, me.userId, userIds) },
    }),
  ),
  route(
    {
      method: "put",
      path: "/presence",
      summary: "Be seen as away, or as what one is",
      tag: "users",
      access: "user",
      body: invisibleBody,
      answer: invisibleBody,
      statuses: [200],
    },
    async ({ c, me, body: { invisible } }) => {
      await callInbox(c.env, me.userId, (inbox) => inbox.setInvisible(invisible));
      return { data: { invisible } };
    },
  ),
  route(
    {
      method: "get",
      path: "/blocks",
      summary:
        "People whose direct messages one does not take, and who do not see whether one is here",
      tag: "users",
      access: "user",
      answer: blocksSchema,
      statuses: [200],
    },
    async ({ c, me }) => {
      const found = await callInbox(c.env, me.userId, (inbox) => inbox.blocks());
      const blocks = found.map(({ userId, at }) => ({ userId, blockedAt: isoTime(at) }));
      return { data: { blocks } };
    },
  ),
  ...([true, false] as const).map((active) =>
    route(
      {
        method: active ? "put" : "delete",
        path: "/blocks/:userId",
        summary: active ? "Take no direct messages of somebody" : "Take them again",
        tag: "users",
        access: "user",
        params: onUser,
        answer: blockedSchema,
        statuses: [200],
        ...(active ? { refusals: ["TOO_LARGE"] as const } : {}),
      },
      async ({ c, me, params: { userId } }) => {
        if (userId === me.userId) {
          throw new RefusedError(refusal("INVALID_DATA", "the other one is you"));
        }
        accept(await callInbox(c.env, me.userId, (inbox) => inbox.block(userId, active)));
        return { data: { userId, blocked: active } };
      },
    ),
  ),
];
