import { Hono } from "hono";
import * as v from "valibot";
import { parseConversationId, parseGroupId } from "../../protocol/ids.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { enveloped } from "../answer.ts";
import { authenticate, requireSame } from "../auth/authenticate.ts";
import { readBody, readQuery } from "../body.ts";
import { conversationSummary, conversationView } from "../conversation-answers.ts";
import { listConversations } from "../conversation-list.ts";
import { callConversation } from "../conversation-stub.ts";
import { foundGroup, openDirect } from "../founding.ts";
import type { App } from "../hono.ts";
import { accept, RefusedError } from "../refused-error.ts";
import { openConversationSocket } from "../socket-door.ts";

const DEFAULT_LIST = 50;
const LONGEST_LIST = 100;

const userId = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const person = v.union([
  userId,
  v.pipe(
    v.object({ userId }),
    v.transform((member) => member.userId),
  ),
]);

const directBody = v.object({
  participantId: v.optional(userId),
  receiverId: v.optional(userId),
  participantIds: v.optional(
    v.pipe(v.array(userId), v.length(1, "a direct conversation has one other")),
  ),
});
const groupBody = v.object({
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200)),
  participantIds: v.optional(v.array(person)),
  members: v.optional(v.array(person)),
  groupId: v.optional(v.string()),
  adminId: v.optional(v.string()),
});
const listQuery = v.object({
  limit: v.optional(
    v.pipe(v.string(), v.regex(/^[0-9]{1,9}$/), v.transform(Number), v.minValue(1)),
    `${DEFAULT_LIST}`,
  ),
  cursor: v.optional(v.pipe(v.string(), v.maxLength(1_024))),
});

export const conversations = new Hono<App>()
  .get("/", async (c) => {
    const me = await authenticate(c);
    const { limit, cursor } = readQuery(c, listQuery);
    const query = {
      limit: Math.min(limit, LONGEST_LIST),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const { views, totalCount, nextCursor } = await listConversations(c.env, me.userId, query);
    const list = views.map((view) => conversationSummary(view, me.userId));
    return enveloped(c, { conversations: list, totalCount, nextCursor });
  })
  .post("/", async (c) => {
    const me = await authenticate(c);
    const { participantId, receiverId, participantIds } = await readBody(c, directBody);
    const otherId = participantId ?? receiverId ?? participantIds?.[0];
    if (otherId === undefined)
      throw new RefusedError(refusal("MISSING_DATA", "participantId is missing"));
    const { created, view } = await openDirect(c.env, me, otherId);
    return enveloped(c, conversationView(view, me.userId), { status: created ? 201 : 200 });
  })
  .post("/group", async (c) => {
    const me = await authenticate(c);
    const body = await readBody(c, groupBody);
    requireSame(me, body.adminId);
    const memberIds = body.participantIds ?? body.members ?? [];
    const conversationId = accept(parseGroupId(body.groupId ?? crypto.randomUUID()));
    const { created, view } = await foundGroup(c.env, me, {
      conversationId,
      name: body.name,
      memberIds,
    });
    return enveloped(c, conversationView(view, me.userId), { status: created ? 201 : 200 });
  })
  .get("/:conversationId", async (c) => {
    const me = await authenticate(c);
    const id = accept(parseConversationId(c.req.param("conversationId")));
    const view = accept(await callConversation(c.env, id, (stub) => stub.view(me.userId)));
    return enveloped(c, conversationView(view, me.userId));
  })
  .get("/:conversationId/socket", (c) => openConversationSocket(c, c.req.param("conversationId")));
