import * as v from "valibot";
import { refusal } from "../../protocol/error-codes.ts";
import { parseUserId } from "../../protocol/ids.ts";
import { route, type Route } from "../api/route.ts";
import { accountSchema } from "../api/schemas/account.ts";
import {
  apiKeyBody,
  apiKeysSchema,
  auditPageSchema,
  auditQuery,
  deploymentRoleBody,
  newApiKeySchema,
  onApiKey,
} from "../api/schemas/admin.ts";
import { onUser } from "../api/schemas/ids.ts";
import { accountsOf } from "../../edge/auth/accounts.ts";
import { apiKeyIdOf, ApiKeyStore, type ApiKey } from "../../edge/auth/api-key-store.ts";
import { cursorOf, placeOf } from "../../edge/answers/cursor.ts";
import { databaseOf } from "../database.ts";
import { idOfMade } from "../idempotency-key.ts";
import { isoTime } from "../../edge/iso-time.ts";
import { AuditLog } from "../../edge/moderation/audit-log.ts";
import { accept, RefusedError } from "../../edge/refused-error.ts";

export const admin: readonly Route[] = [
  route(
    {
      method: "post",
      path: "/admin/api-keys",
      summary: "A key for a service, which becomes an account of its own",
      tag: "deployment",
      access: "admin",
      headers: {
        "idempotency-key":
          "The same key again answers the first key of the service, less its secret",
      },
      body: apiKeyBody,
      answer: newApiKeySchema,
      statuses: [201, 200],
      refusals: ["NOT_FOUND", "ALREADY_EXISTS"],
    },
    async ({ c, me, body: { name } }) => {
      const db = databaseOf(c.env);
      const createdAt = Date.now();
      const keyId = await apiKeyIdOf(await idOfMade(c, me.userId));
      const userId = accept(parseUserId(crypto.randomUUID()));
      const entry = { at: createdAt, actorId: me.userId, target: keyId, details: { name, userId } };
      const made = await new ApiKeyStore(db).add(
        { keyId, userId, name, createdAt },
        me.userId,
        new AuditLog(db).statementIfChanged({ ...entry, action: "api_key_made" }),
      );
      switch (made.type) {
        case "new":
          return { data: { ...apiKeyAnswer(made.key), apiKey: made.text }, status: 201 };
        case "known":
          return { data: { ...apiKeyAnswer(made.key), apiKey: null }, status: 200 };
        case "gone":
          throw new RefusedError(refusal("ALREADY_EXISTS", "this key was made and taken back"));
      }
    },
  ),
  route(
    {
      method: "get",
      path: "/admin/api-keys",
      summary: "Keys of services, without their secrets",
      tag: "deployment",
      access: "admin",
      answer: apiKeysSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c }) => {
      const keys = await new ApiKeyStore(databaseOf(c.env)).list();
      return { data: { apiKeys: keys.map(apiKeyAnswer) } };
    },
  ),
  route(
    {
      method: "delete",
      path: "/admin/api-keys/:keyId",
      summary: "Take a service's key back, at once",
      tag: "deployment",
      access: "admin",
      params: onApiKey,
      statuses: [204],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { keyId } }) => {
      const db = databaseOf(c.env);
      const entry = { at: Date.now(), actorId: me.userId, target: keyId, details: {} };
      const audit = new AuditLog(db).statementIfChanged({ ...entry, action: "api_key_removed" });
      if (!(await new ApiKeyStore(db).remove(keyId, audit))) {
        throw new RefusedError(refusal("NOT_FOUND", "no such key"));
      }
      return { data: undefined };
    },
  ),
  route(
    {
      method: "put",
      path: "/admin/users/:userId/role",
      summary: "Make somebody an admin of the deployment, or not any more",
      tag: "deployment",
      access: "admin",
      params: onUser,
      body: deploymentRoleBody,
      answer: accountSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, me, params: { userId }, body: { role } }) => {
      const { store } = accountsOf(c.env, c.var.config);
      const entry = { at: Date.now(), actorId: me.userId, target: userId, details: { role } };
      const audit = new AuditLog(databaseOf(c.env));
      await store.change(userId, { role }, [
        audit.statementIfChanged({ ...entry, action: "role_changed" }),
      ]);
      const account = await store.find(userId);
      if (account === null) throw new RefusedError(refusal("NOT_FOUND", "no such user"));
      return { data: account };
    },
  ),
  route(
    {
      method: "get",
      path: "/admin/audit",
      summary: "What staff did, newest first; of one user, conversation, message or key",
      tag: "moderation",
      access: "admin",
      query: auditQuery,
      answer: auditPageSchema,
      statuses: [200],
      refusals: ["NOT_FOUND"],
    },
    async ({ c, query: { target, cursor, limit } }) => {
      const beforeId = cursor === undefined ? undefined : placeOf(cursor, v.number());
      const log = new AuditLog(databaseOf(c.env));
      const found = await log.page({ target, beforeId, limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      return {
        data: {
          entries: page.map((entry) => ({ ...entry, at: isoTime(entry.at) })),
          nextCursor: last === undefined ? null : cursorOf(last.id),
        },
      };
    },
  ),
];

function apiKeyAnswer({ createdAt, ...key }: ApiKey) {
  return { ...key, createdAt: isoTime(createdAt) };
}
