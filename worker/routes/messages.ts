import type { Context } from "hono";
import { refusal } from "../../protocol/error-codes.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { route, type Route } from "../api/route.ts";
import { onMessage } from "../api/schemas/ids.ts";
import {
  deleteQuery,
  editBody,
  messageSchema,
  sendBody,
  tombstoneSchema,
  versionsSchema,
} from "../api/schemas/message.ts";
import type { Principal } from "../../edge/auth/principal.ts";
import { requireSame } from "../auth/authenticate.ts";
import { changeConversation, changerOf, readMessage } from "../calls/changing.ts";
import {
  messageAnswer,
  tombstone,
} from "../../durable-objects/conversation/conversation-answers.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import { openDirect } from "../../edge/calls/founding.ts";
import type { App } from "../hono.ts";
import { IDEMPOTENCY, idempotencyKey } from "../idempotency-key.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";
import { sendMessage } from "../calls/sending.ts";
import { traceparentOf } from "../traceparent.ts";

export const messages: readonly Route[] = [
  route(
    {
      method: "post",
      path: "/messages",
      summary: "Send a message; a repeat with the same key answers the first one",
      tag: "messages",
      access: "user",
      body: sendBody,
      answer: messageSchema,
      statuses: [201, 200],
      headers: {
        "idempotency-key": "Instead of `clientMessageId`",
        traceparent: "W3C trace context, kept with the message to Kafka and the archive",
      },
      refusals: ["FORBIDDEN", "BLOCKED", "LOCKED", "MUTED", "NOT_FOUND", "CONFLICT"],
    },
    async ({ c, me, body }) => {
      const { conversationId, receiverId, senderId, clientMessageId, ifLastSeq, ...message } = body;
      requireSame(me, senderId);
      const key = clientMessageId ?? idempotencyKey(c);
      const id = await targetOf(c, me, conversationId, receiverId);
      const request = { sends: [{ clientMessageId: key, message }] as const, ifLastSeq };
      const { view, repeated } = await sendMessage(c.env, id, me.userId, request, traceparentOf(c));
      return { data: messageAnswer(id, view), status: repeated ? 200 : 201 };
    },
  ),
  route(
    {
      method: "get",
      path: "/messages/:messageId",
      summary: "One message with its reactions and status",
      tag: "messages",
      access: "user",
      params: onMessage,
      answer: messageSchema,
      tagged: true,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { messageId } }) => {
      const { conversationId, seq } = messageId;
      const view = await readMessage(c.env, conversationId, me.userId, seq);
      return { data: messageAnswer(conversationId, view) };
    },
  ),
  route(
    {
      method: "patch",
      path: "/messages/:messageId",
      summary: "New content for an own message, within the edit window",
      tag: "messages",
      access: "user",
      headers: IDEMPOTENCY,
      params: onMessage,
      body: editBody,
      answer: messageSchema,
      statuses: [200],
      refusals: ["FORBIDDEN", "BLOCKED", "LOCKED", "MUTED", "NOT_FOUND"],
    },
    async ({ c, me, params: { messageId }, body: { newContent } }) => {
      const { conversationId, seq } = messageId;
      const changer = changerOf(c, me);
      const change = { type: "edit" as const, target: seq, content: newContent };
      await changeConversation(c.env, conversationId, changer, change);
      const view = await readMessage(c.env, conversationId, me.userId, seq);
      return { data: messageAnswer(conversationId, view) };
    },
  ),
  route(
    {
      method: "get",
      path: "/messages/:messageId/history",
      summary: "Earlier versions, oldest first; for the author and moderators",
      tag: "messages",
      access: "user",
      params: onMessage,
      answer: versionsSchema,
      statuses: [200],
      refusals: ["FORBIDDEN", "NOT_FOUND"],
    },
    async ({ c, me, params: { messageId } }) => {
      const { conversationId, seq } = messageId;
      const answer = await callConversation(c.env, conversationId, (stub) =>
        stub.versions(me.userId, seq),
      );
      const versions = accept(answer).map(({ version, at, content }) => ({
        version,
        content,
        createdAt: isoTime(at),
      }));
      return { data: { messageId: `${conversationId}.${seq}`, versions } };
    },
  ),
  route(
    {
      method: "delete",
      path: "/messages/:messageId",
      summary: "Take a message away for everyone, or out of the own sight",
      tag: "messages",
      access: "user",
      headers: IDEMPOTENCY,
      params: onMessage,
      query: deleteQuery,
      answer: tombstoneSchema,
      statuses: [200],
      refusals: ["FORBIDDEN", "NOT_FOUND"],
    },
    async ({ c, me, params: { messageId }, query: { scope } }) => {
      const { conversationId, seq } = messageId;
      const changer = changerOf(c, me);
      if (scope === "me") {
        accept(await callConversation(c.env, conversationId, (stub) => stub.hide(me.userId, seq)));
        return { data: tombstone(conversationId, seq, scope, Date.now()) };
      }
      const change = { type: "delete" as const, target: seq };
      const { at } = await changeConversation(c.env, conversationId, changer, change);
      return { data: tombstone(conversationId, seq, scope, at) };
    },
  ),
];

/** Where a message goes; a first message to a person opens the conversation with them. */
async function targetOf(
  c: Context<App>,
  me: Principal,
  conversationId: ConversationId | undefined,
  receiverId: string | undefined,
): Promise<ConversationId> {
  if (conversationId !== undefined) return conversationId;
  if (receiverId !== undefined) {
    return (await openDirect(c.env, c.var.config, me, receiverId)).view.conversationId;
  }
  const problems = [{ field: "conversationId", problem: "is missing, and receiverId is too" }];
  throw new RefusedError(
    refusal("MISSING_DATA", "conversationId or receiverId is missing", problems),
  );
}
