import type { Context } from "hono";
import * as v from "valibot";
import { peopleOf } from "../../core/broadcast/people.ts";
import type { BroadcastPlace } from "../../edge/rpc/inbox-rpc.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { parseBroadcastId, type UserId } from "../../protocol/ids.ts";
import { route, type Route } from "../api/route.ts";
import {
  acceptedSchema,
  broadcastBody,
  broadcastDeletedSchema,
  broadcastPatch,
  broadcastSchema,
  broadcastSendBody,
  broadcastsQuery,
  broadcastsSchema,
  onBroadcast,
  onBroadcastMessage,
  progressQuery,
  progressSchema,
} from "../api/schemas/broadcast.ts";
import { broadcastIdSchema } from "../api/schemas/ids.ts";
import { broadcastAnswer, broadcastSummary, progressAnswer } from "../answers/broadcast-answers.ts";
import { callBroadcast } from "../calls/broadcast-stub.ts";
import { cursorOf, placeOf } from "../../edge/answers/cursor.ts";
import { namedPeople } from "../../edge/calls/directory.ts";
import type { App } from "../hono.ts";
import { IDEMPOTENCY, idempotencyKey, idOfMade } from "../idempotency-key.ts";
import { callInbox } from "../../edge/calls/inbox-stub.ts";
import { accept } from "../../edge/refused-error.ts";

const listPlace = v.tuple([v.number(), broadcastIdSchema]);
const recipientPlace = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const broadcasts: readonly Route[] = [
  route(
    {
      method: "post",
      path: "/broadcasts",
      summary: "A list of people to write to, each in their own conversation",
      tag: "broadcasts",
      access: "user",
      headers: IDEMPOTENCY,
      body: broadcastBody,
      answer: broadcastSchema,
      statuses: [201, 200],
      refusals: ["NOT_FOUND", "ALREADY_EXISTS", "TOO_LARGE"],
    },
    async ({ c, me, body: { name, recipientIds, adminIds, broadcastId: wanted } }) => {
      const broadcastId = wanted ?? accept(parseBroadcastId(await idOfMade(c, me.userId)));
      const people = accept(peopleOf({ ownerId: me.userId, adminIds, recipientIds }));
      await named(c, people.adminIds);
      const recipients = await named(c, people.recipientIds);
      const founding = { broadcastId, name, ownerId: me.userId, recipients };
      const { created, view } = accept(
        await callBroadcast(c.env, broadcastId, (list) =>
          list.found({ ...founding, adminIds: people.adminIds }),
        ),
      );
      return { data: broadcastAnswer(view), status: created ? 201 : 200 };
    },
  ),
  route(
    {
      method: "get",
      path: "/broadcasts",
      summary: "Lists that one owns or may send to, the latest first",
      tag: "broadcasts",
      access: "user",
      query: broadcastsQuery,
      answer: broadcastsSchema,
      statuses: [200],
    },
    async ({ c, me, query: { cursor, limit } }) => {
      const after = cursor === undefined ? null : placeIn(cursor);
      const places = await callInbox(c.env, me.userId, (inbox) =>
        inbox.broadcasts(after, limit + 1),
      );
      const page = places.slice(0, limit);
      const views = await Promise.all(
        page.map(({ broadcastId }) =>
          callBroadcast(c.env, broadcastId, (list) => list.view(me.userId)),
        ),
      );
      const last = page.at(-1);
      const hasMore = places.length > page.length && last !== undefined;
      return {
        data: {
          // the Inbox may be a moment behind: the list itself says whose it is
          broadcasts: views.flatMap((view) => (view.ok ? [broadcastSummary(view.value)] : [])),
          nextCursor: hasMore ? cursorOf([last.listedAt, last.broadcastId]) : null,
        },
      };
    },
  ),
  route(
    {
      method: "get",
      path: "/broadcasts/:broadcastId",
      summary: "One list with its recipients, for its owner and admins",
      tag: "broadcasts",
      access: "user",
      params: onBroadcast,
      answer: broadcastSchema,
      tagged: true,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { broadcastId } }) => {
      const view = await callBroadcast(c.env, broadcastId, (list) => list.view(me.userId));
      return { data: broadcastAnswer(accept(view)) };
    },
  ),
  route(
    {
      method: "patch",
      path: "/broadcasts/:broadcastId",
      summary: "Name and people, by the owner; messages under way keep their recipients",
      tag: "broadcasts",
      access: "user",
      params: onBroadcast,
      body: broadcastPatch,
      answer: broadcastSchema,
      statuses: [200],
      refusals: ["FORBIDDEN", "NOT_FOUND", "TOO_LARGE"],
    },
    async ({ c, me, params: { broadcastId }, body: { name, recipientIds, adminIds } }) => {
      // who may not change the list learns nothing of the people named; and none is looked up who is too many
      const before = accept(
        await callBroadcast(c.env, broadcastId, (list) => list.view(me.userId)),
      );
      const people = accept(
        peopleOf({
          ownerId: before.ownerId,
          adminIds: adminIds ?? before.adminIds,
          recipientIds: recipientIds ?? before.recipientIds,
        }),
      );
      if (adminIds !== undefined) await named(c, people.adminIds);
      const change = {
        ...(name === undefined ? {} : { name }),
        ...(adminIds === undefined ? {} : { adminIds: people.adminIds }),
        ...(recipientIds === undefined ? {} : { recipients: await named(c, people.recipientIds) }),
      };
      const view = await callBroadcast(c.env, broadcastId, (list) =>
        list.change(me.userId, change),
      );
      return { data: broadcastAnswer(accept(view)) };
    },
  ),
  route(
    {
      method: "delete",
      path: "/broadcasts/:broadcastId",
      summary: "Delete a list, by its owner; who has not got a message yet does not get it",
      tag: "broadcasts",
      access: "user",
      params: onBroadcast,
      answer: broadcastDeletedSchema,
      statuses: [200],
      refusals: ["FORBIDDEN", "NOT_FOUND"],
    },
    async ({ c, me, params: { broadcastId } }) => {
      const removed = await callBroadcast(c.env, broadcastId, (list) => list.remove(me.userId));
      const { deletedAt, unsent } = accept(removed);
      const status = "DELETED" as const;
      return { data: { broadcastId, status, deletedAt: isoTime(deletedAt), unsent } };
    },
  ),
  route(
    {
      method: "post",
      path: "/broadcasts/:broadcastId/messages",
      summary:
        "Send to everybody on the list, each once; a repeat with the same key is the same message",
      tag: "broadcasts",
      access: "user",
      params: onBroadcast,
      body: broadcastSendBody,
      answer: acceptedSchema,
      statuses: [202, 200],
      headers: { "idempotency-key": "Instead of `clientMessageId`" },
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { broadcastId }, body: { clientMessageId, ...message } }) => {
      const request = {
        sender: { userId: me.userId, name: me.name },
        clientMessageId: clientMessageId ?? idempotencyKey(c),
        message,
      };
      const accepted = accept(
        await callBroadcast(c.env, broadcastId, (list) => list.send(request)),
      );
      const { n, senderId, recipientCount, acceptedAt, repeated } = accepted;
      const createdAt = isoTime(acceptedAt);
      const data = { broadcastId, n, senderId, recipientCount, createdAt };
      return { data, status: repeated ? 200 : 202 };
    },
  ),
  route(
    {
      method: "get",
      path: "/broadcasts/:broadcastId/messages/:n",
      summary: "How far a message has got, recipient by recipient",
      tag: "broadcasts",
      access: "user",
      params: onBroadcastMessage,
      query: progressQuery,
      answer: progressSchema,
      tagged: true,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { broadcastId, n }, query: { cursor, limit, state } }) => {
      const after = cursor === undefined ? -1 : placeOf(cursor, recipientPlace);
      const query = { after, limit, ...(state === undefined ? {} : { state }) };
      const progress = await callBroadcast(c.env, broadcastId, (list) =>
        list.progress(me.userId, n, query),
      );
      return { data: progressAnswer(broadcastId, accept(progress)) };
    },
  ),
];

function placeIn(cursor: string): BroadcastPlace {
  const [listedAt, broadcastId] = placeOf(cursor, listPlace);
  return { listedAt, broadcastId };
}

async function named(c: Context<App>, ids: readonly UserId[]) {
  return accept(await namedPeople(c.env, c.var.config, ids));
}
