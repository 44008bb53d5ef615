import * as v from "valibot";
import { isoTime } from "../../edge/iso-time.ts";
import { route, type Route } from "../api/route.ts";
import { notificationsQuery, notificationsSchema } from "../api/schemas/notification.ts";
import { cursorOf, placeOf } from "../../edge/answers/cursor.ts";
import { callInbox } from "../../edge/calls/inbox-stub.ts";

const place = v.pipe(v.number(), v.safeInteger());

export const notifications: readonly Route[] = [
  route(
    {
      method: "get",
      path: "/notifications",
      summary: "What the deployment told one beside conversations, newest first",
      tag: "users",
      access: "user",
      query: notificationsQuery,
      answer: notificationsSchema,
      statuses: [200],
    },
    async ({ c, me, query: { limit, cursor } }) => {
      const before = cursor === undefined ? {} : { before: placeOf(cursor, place) };
      const page = await callInbox(c.env, me.userId, (inbox) =>
        inbox.notifications({ limit, ...before }),
      );
      return {
        data: {
          notifications: page.notifications.map(({ at, ...notification }) => ({
            ...notification,
            timestamp: isoTime(at),
          })),
          nextCursor: page.next === null ? null : cursorOf(page.next),
        },
      };
    },
  ),
];
