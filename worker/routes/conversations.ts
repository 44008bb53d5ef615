import type { Context } from "hono";
import type * as v from "valibot";
import { parseGroupId } from "../../protocol/ids.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { route, type Route } from "../api/route.ts";
import type { Contract } from "../api/contract.ts";
import {
  conversationPatch,
  conversationSchema,
  directBody,
  groupBody,
  readBody,
  readSchema,
} from "../api/schemas/conversation.ts";
import { inConversation } from "../api/schemas/ids.ts";
import type { Principal } from "../../edge/auth/principal.ts";
import { requireSame } from "../auth/authenticate.ts";
import { changeConversation, changerOf } from "../calls/changing.ts";
import { conversationView } from "../../durable-objects/conversation/conversation-answers.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import { adoptPicture, readPicture } from "../files/adopted-picture.ts";
import { openFileDesk } from "../files/file-desk.ts";
import { foundGroup, openDirect } from "../../edge/calls/founding.ts";
import type { App } from "../hono.ts";
import { IDEMPOTENCY, idOfMade } from "../idempotency-key.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";

const group = {
  method: "post",
  tag: "conversations",
  access: "user",
  headers: IDEMPOTENCY,
  body: groupBody,
  answer: conversationSchema,
  statuses: [201, 200],
  refusals: ["NOT_FOUND", "ALREADY_EXISTS", "TOO_LARGE"],
} as const satisfies Omit<Contract, "path" | "summary">;

export const conversations: readonly Route[] = [
  route(
    {
      method: "post",
      path: "/conversations",
      summary: "The conversation with one other person; the same one whoever asks",
      tag: "conversations",
      access: "user",
      body: directBody,
      answer: conversationSchema,
      statuses: [201, 200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, body }) => {
      const otherId = body.participantId ?? body.receiverId ?? body.participantIds?.[0];
      if (otherId === undefined) {
        const problems = [{ field: "participantId", problem: "is missing" }];
        throw new RefusedError(refusal("MISSING_DATA", "participantId is missing", problems));
      }
      const { created, view } = await openDirect(c.env, c.var.config, me, otherId);
      return { data: conversationView(view, me.userId), status: created ? 201 : 200 };
    },
  ),
  route(
    { ...group, path: "/conversations/group", summary: "Found a group; the founder owns it" },
    foundGroupRoute,
  ),
  route(
    { ...group, path: "/groups", summary: "nGomna's older name for the same" },
    foundGroupRoute,
  ),
  route(
    {
      method: "get",
      path: "/conversations/:conversationId",
      summary: "One conversation with its members and settings",
      tag: "conversations",
      access: "user",
      params: inConversation,
      answer: conversationSchema,
      tagged: true,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { conversationId } }) => {
      const answer = await callConversation(c.env, conversationId, (stub) => stub.view(me.userId));
      return { data: conversationView(accept(answer), me.userId) };
    },
  ),
  route(
    {
      method: "patch",
      path: "/conversations/:conversationId",
      summary: "Name, picture and settings of a group; owners and admins change them",
      tag: "conversations",
      access: "user",
      headers: IDEMPOTENCY,
      params: inConversation,
      body: conversationPatch,
      answer: conversationSchema,
      statuses: [200],
      refusals: ["FORBIDDEN", "NOT_FOUND"],
    },
    async ({ c, me, params: { conversationId }, body }) => {
      const changer = changerOf(c, me);
      await changeConversation(c.env, conversationId, changer, { type: "configure", change: body });
      const answer = await callConversation(c.env, conversationId, (stub) => stub.view(me.userId));
      return { data: conversationView(accept(answer), me.userId) };
    },
  ),
  route(
    {
      method: "put",
      path: "/conversations/:conversationId/read",
      summary: "Move the own read cursor, to the end unless told how far",
      tag: "conversations",
      access: "user",
      params: inConversation,
      body: readBody,
      answer: readSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { conversationId }, body: { upToSeq } }) => {
      const receipt = upToSeq === undefined ? ("all" as const) : { read: upToSeq };
      const moved = accept(
        await callConversation(c.env, conversationId, (stub) =>
          stub.receive(me.userId, receipt, "now"),
        ),
      );
      const { read, readCount, unread } = moved;
      return { data: { conversationId, readSeq: read, readCount, unreadCount: unread } };
    },
  ),
];

interface FoundingRequest {
  c: Context<App>;
  me: Principal;
  body: v.InferOutput<typeof groupBody>;
}

async function foundGroupRoute({ c, me, body }: FoundingRequest) {
  requireSame(me, body.adminId);
  const picture =
    typeof body.avatarFileId === "string" ? await pictureOf(c, me, body.avatarFileId) : null;
  const { created, view } = await foundGroup(c.env, c.var.config, me, {
    conversationId: accept(parseGroupId(body.groupId ?? (await idOfMade(c, me.userId)))),
    name: body.name,
    memberIds: body.participantIds ?? body.members ?? [],
    settings: body.settings ?? {},
  });
  if (!created || picture === null) {
    const status: 200 | 201 = created ? 201 : 200;
    return { data: conversationView(view, me.userId), status };
  }
  await adoptPicture(picture.desk, me.userId, view.conversationId, picture.file);
  const shown = await callConversation(c.env, view.conversationId, (stub) => stub.view(me.userId));
  return { data: conversationView(accept(shown), me.userId), status: 201 as const };
}

async function pictureOf(c: Context<App>, { userId }: Principal, fileId: string) {
  const desk = openFileDesk(c);
  return { desk, file: await readPicture(desk, userId, fileId) };
}
