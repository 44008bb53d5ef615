import { refusal } from "../../protocol/error-codes.ts";
import { route, type Route } from "../api/route.ts";
import { suspensionBody, suspensionSchema, suspensionsSchema } from "../api/schemas/admin.ts";
import { onUser } from "../api/schemas/ids.ts";
import { accountsIn } from "../../edge/auth/accounts.ts";
import { forgetSuspensions } from "../../edge/auth/suspensions.ts";
import { databaseOf } from "../database.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { callInbox } from "../../edge/calls/inbox-stub.ts";
import { AuditLog } from "../../edge/moderation/audit-log.ts";
import { SuspensionStore, type Suspension } from "../moderation/suspension-store.ts";
import { RefusedError } from "../../edge/refused-error.ts";

const LONGEST_LIST = 1_000;

export const suspensions: readonly Route[] = [
  route(
    {
      method: "put",
      path: "/admin/suspensions/:userId",
      summary: "Keep somebody out for a time: no sign-in, no token, no session",
      tag: "moderation",
      access: "admin",
      params: onUser,
      body: suspensionBody,
      answer: suspensionSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { userId }, body: { seconds, reason } }) => {
      const db = databaseOf(c.env);
      const now = Date.now();
      const until = now + seconds * 1_000;
      const suspension = { userId, until, reason, suspendedBy: me.userId, suspendedAt: now };
      const details = { reason, until: isoTime(until) };
      const entry = { at: now, actorId: me.userId, target: userId, details };
      await db.batch([
        new SuspensionStore(db).put(suspension),
        ...(accountsIn(c.env, c.var.config)?.refreshTokens.endAll(userId) ?? []),
        new AuditLog(db).statement({ ...entry, action: "user_suspended" }),
      ]);
      forgetSuspensions(db);
      await callInbox(c.env, userId, (inbox) => inbox.suspend(until));
      return { data: answerOf(suspension) };
    },
  ),
  route(
    {
      method: "delete",
      path: "/admin/suspensions/:userId",
      summary: "Let somebody back in",
      tag: "moderation",
      access: "admin",
      params: onUser,
      statuses: [204],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { userId } }) => {
      const db = databaseOf(c.env);
      const entry = { at: Date.now(), actorId: me.userId, target: userId, details: {} };
      const audit = new AuditLog(db).statementIfChanged({ ...entry, action: "user_reinstated" });
      const isRemoved = await new SuspensionStore(db).remove(userId, audit);
      forgetSuspensions(db);
      // in any case: an earlier request may have been cut off between the two
      await callInbox(c.env, userId, (inbox) => inbox.suspend(0));
      if (!isRemoved) {
        throw new RefusedError(refusal("NOT_FOUND", "nobody of this id is suspended"));
      }
      return { data: undefined };
    },
  ),
  route(
    {
      method: "get",
      path: "/admin/suspensions",
      summary: "Who is kept out, the latest first",
      tag: "moderation",
      access: "admin",
      answer: suspensionsSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c }) => {
      const found = await new SuspensionStore(databaseOf(c.env)).list(Date.now(), LONGEST_LIST);
      return { data: { suspensions: found.map(answerOf) } };
    },
  ),
];

function answerOf({ until, suspendedAt, ...suspension }: Suspension) {
  return { ...suspension, until: isoTime(until), suspendedAt: isoTime(suspendedAt) };
}
