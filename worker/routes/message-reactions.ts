import * as v from "valibot";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { emojiSchema } from "../../protocol/message.ts";
import { route, type Route } from "../api/route.ts";
import { onMessage } from "../api/schemas/ids.ts";
import { reactBody, reactionsSchema, reactorsSchema } from "../api/schemas/message.ts";
import { changeConversation, changerOf, readMessage, type Changer } from "../calls/changing.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import type { Env } from "../../edge/env.ts";
import { IDEMPOTENCY } from "../idempotency-key.ts";
import { accept } from "../../edge/refused-error.ts";

const onReaction = v.object({ ...onMessage.entries, emoji: emojiSchema });

export const messageReactions: readonly Route[] = [
  route(
    {
      method: "post",
      path: "/messages/:messageId/reactions",
      summary: "Put an emoji on a message; once per person and emoji",
      tag: "messages",
      access: "user",
      headers: IDEMPOTENCY,
      params: onMessage,
      body: reactBody,
      answer: reactionsSchema,
      statuses: [200],
      refusals: ["FORBIDDEN", "BLOCKED", "LOCKED", "MUTED", "NOT_FOUND", "TOO_LARGE"],
    },
    ({ c, me, params: { messageId }, body: { emoji } }) =>
      react(c.env, messageId, changerOf(c, me), emoji, true),
  ),
  route(
    {
      method: "delete",
      path: "/messages/:messageId/reactions/:emoji",
      summary: "Take an own emoji off a message",
      tag: "messages",
      access: "user",
      headers: IDEMPOTENCY,
      params: onReaction,
      answer: reactionsSchema,
      statuses: [200],
      refusals: ["FORBIDDEN", "BLOCKED", "LOCKED", "MUTED", "NOT_FOUND"],
    },
    ({ c, me, params: { messageId, emoji } }) =>
      react(c.env, messageId, changerOf(c, me), emoji, false),
  ),
  route(
    {
      method: "get",
      path: "/messages/:messageId/reactions",
      summary: "Who put which emoji on a message",
      tag: "messages",
      access: "user",
      params: onMessage,
      answer: reactorsSchema,
      tagged: true,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { messageId } }) => {
      const { conversationId, seq } = messageId;
      const found = accept(
        await callConversation(c.env, conversationId, (stub) => stub.reactors(me.userId, seq)),
      );
      const byEmoji = Map.groupBy(found, ({ emoji }) => emoji);
      const reactions = [...byEmoji].map(([emoji, people]) => {
        const userIds = people.map(({ userId }) => userId);
        return { emoji, count: userIds.length, mine: userIds.includes(me.userId), userIds };
      });
      return { data: { messageId: `${conversationId}.${seq}`, reactions } };
    },
  ),
];

async function react(
  env: Env,
  { conversationId, seq }: { conversationId: ConversationId; seq: number },
  changer: Changer & { userId: UserId },
  emoji: string,
  active: boolean,
) {
  const change = { type: "react" as const, target: seq, emoji, active };
  await changeConversation(env, conversationId, changer, change);
  const { reactions } = await readMessage(env, conversationId, changer.userId, seq);
  return { data: { messageId: `${conversationId}.${seq}`, reactions } };
}
