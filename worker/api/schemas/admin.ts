import * as v from "valibot";
import { AUDITED } from "../../../edge/moderation/audit-log.ts";
import { cursorText, queryLimit, timeSchema } from "./ids.ts";
import { personName } from "./names.ts";

const PAGE = 50;
const LONGEST_PAGE = 200;

export const apiKeyBody = v.object({ name: personName });
const apiKeyEntries = {
  keyId: v.string(),
  /** Who the service is in conversations. */
  userId: v.string(),
  name: v.string(),
  createdAt: timeSchema,
};
export const apiKeysSchema = v.object({ apiKeys: v.array(v.object(apiKeyEntries)) });
/** `apiKey` is shown once: a repeat under the same `Idempotency-Key` has null there. */
export const newApiKeySchema = v.object({ ...apiKeyEntries, apiKey: v.nullable(v.string()) });
export const onApiKey = v.object({ keyId: v.string() });

export const deploymentRoleBody = v.object({ role: v.picklist(["user", "admin"]) });

export const auditQuery = v.object({
  target: v.optional(v.pipe(v.string(), v.maxLength(1_300))),
  cursor: v.optional(cursorText),
  limit: v.optional(queryLimit(LONGEST_PAGE), `${PAGE}`),
});
export const auditPageSchema = v.object({
  entries: v.array(
    v.object({
      id: v.number(),
      at: timeSchema,
      actorId: v.string(),
      action: v.picklist(AUDITED),
      target: v.string(),
      details: v.record(v.string(), v.unknown()),
    }),
  ),
  nextCursor: v.nullable(v.string()),
});

const YEAR_S = 366 * 86_400;

export const suspensionBody = v.object({
  seconds: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(100 * YEAR_S)),
  reason: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(1_000)),
});
export const suspensionSchema = v.object({
  userId: v.string(),
  until: timeSchema,
  reason: v.string(),
  suspendedBy: v.string(),
  suspendedAt: timeSchema,
});
export const suspensionsSchema = v.object({ suspensions: v.array(suspensionSchema) });
