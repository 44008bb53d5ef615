import { nextStanding } from "../../core/moderation/moderation-case.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { refusal } from "../../protocol/error-codes.ts";
import { messageIdOf, parseUserId, type ConversationId } from "../../protocol/ids.ts";
import { route, type Route } from "../api/route.ts";
import { inConversation, onMember, onMessage } from "../api/schemas/ids.ts";
import {
  casePlace,
  caseSchema,
  casesQuery,
  casesSchema,
  caseStepBody,
  erasedSchema,
  lockedSchema,
  wholeCaseSchema,
} from "../api/schemas/moderation.ts";
import { moderatorOf } from "../calls/changing.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import { cursorOf, placeOf } from "../../edge/answers/cursor.ts";
import { databaseOf } from "../database.ts";
import { idempotencyKey } from "../idempotency-key.ts";
import { carryOut } from "../moderation/case-actions.ts";
import { CaseStore, type ModerationCase } from "../../edge/moderation/case-store.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";

const SHOWN_REPORTERS = 200;

export const moderation: readonly Route[] = [
  route(
    {
      method: "get",
      path: "/moderation/reports",
      summary: "Reported messages, those that wait longest first",
      tag: "moderation",
      access: "admin",
      query: casesQuery,
      answer: casesSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, query: { state, cursor, limit } }) => {
      const after = cursor === undefined ? undefined : placeOf(cursor, casePlace);
      const store = new CaseStore(databaseOf(c.env));
      const found = await store.page({ state, after, limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const nextCursor = last === undefined ? null : cursorOf([last.openedAt, last.messageId]);
      return { data: { reports: page.map(answerOf), nextCursor } };
    },
  ),
  route(
    {
      method: "get",
      path: "/moderation/reports/:messageId",
      summary: "One reported message, and who has reported it for which reason",
      tag: "moderation",
      access: "admin",
      params: onMessage,
      answer: wholeCaseSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, params: { messageId } }) => {
      const store = new CaseStore(databaseOf(c.env));
      const found = await find(store, messageId);
      const reports = await store.reports(found.messageId, SHOWN_REPORTERS);
      const reporters = reports.map(({ at, ...report }) => ({
        ...report,
        reportedAt: isoTime(at),
      }));
      return { data: { ...answerOf(found), reporters } };
    },
  ),
  route(
    {
      method: "patch",
      path: "/moderation/reports/:messageId",
      summary: "Take a reported message into review, give it back, or decide it",
      tag: "moderation",
      access: "admin",
      params: onMessage,
      body: caseStepBody,
      answer: caseSchema,
      statuses: [200],
      refusals: ["NOT_FOUND", "CONFLICT"],
    },
    async ({ c, me, params: { messageId }, body: { note = null, ...step } }) => {
      const store = new CaseStore(databaseOf(c.env));
      const found = await find(store, messageId);
      const standing = accept(nextStanding(found.standing, step, me.userId));
      if (standing === found.standing) return { data: answerOf(found) };
      const authorId = accept(parseUserId(found.authorId));
      await carryOut(c.env, me.userId, { ...messageId, authorId }, standing);
      const at = Date.now();
      const details = { ...standing, note };
      const target = found.messageId;
      const audit = { at, actorId: me.userId, action: "report_decided", target, details } as const;
      if (!(await store.move(found, standing, { note, audit }))) {
        throw new RefusedError(refusal("CONFLICT", "somebody else was faster"));
      }
      return { data: answerOf({ ...found, standing, note: note ?? found.note, changedAt: at }) };
    },
  ),
  route(
    {
      method: "delete",
      path: "/conversations/:conversationId/members/:userId/messages",
      summary: "Take away everything that somebody of a lower role has written, also after leaving",
      tag: "moderation",
      access: "user",
      params: onMember,
      answer: erasedSchema,
      statuses: [200, 202],
      refusals: ["FORBIDDEN", "NOT_FOUND"],
    },
    async ({ c, me, params: { conversationId, userId } }) => {
      const { erased, done } = accept(
        await callConversation(c.env, conversationId, (stub) =>
          stub.erase(moderatorOf(me), userId),
        ),
      );
      return { data: { conversationId, userId, erased, done }, status: done ? 200 : 202 };
    },
  ),
  ...[true, false].map((locked) =>
    route(
      {
        method: locked ? "put" : "delete",
        path: "/moderation/conversations/:conversationId/lock",
        summary: locked
          ? "Close a conversation: nobody below moderator may write"
          : "Open it again",
        tag: "moderation",
        access: "admin",
        params: inConversation,
        answer: lockedSchema,
        statuses: [200],
        refusals: ["NOT_FOUND"],
      },
      async ({ c, me, params: { conversationId } }) => {
        const change = { type: "configure" as const, change: { locked } };
        const key = idempotencyKey(c);
        accept(
          await callConversation(c.env, conversationId, (stub) =>
            stub.change(moderatorOf(me), key, change),
          ),
        );
        return { data: { conversationId, locked } };
      },
    ),
  ),
];

async function find(
  store: CaseStore,
  { conversationId, seq }: { conversationId: ConversationId; seq: number },
): Promise<ModerationCase> {
  const found = await store.find(messageIdOf(conversationId, seq));
  if (found === null) throw new RefusedError(refusal("NOT_FOUND", "nobody has reported this"));
  return found;
}

function answerOf({ standing, messageId, openedAt, changedAt, ...found }: ModerationCase) {
  return {
    id: messageId,
    messageId,
    ...found,
    state: standing.state,
    action: standing.state === "resolved" ? standing.action : null,
    assigneeId: standing.state === "open" ? null : standing.assigneeId,
    openedAt: isoTime(openedAt),
    changedAt: isoTime(changedAt),
  };
}
