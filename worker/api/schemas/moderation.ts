import * as v from "valibot";
import { CASE_ACTIONS, CASE_STATES } from "../../../core/moderation/moderation-case.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { cursorText, queryLimit, timeSchema, userIdSchema } from "./ids.ts";

const PAGE = 50;
const LONGEST_PAGE = 200;
const LONGEST_NOTE = 2_000;

const reason = v.pipe(
  v.string(),
  v.trim(),
  v.maxLength(LIMITS.reportReasonChars),
  v.check((text) => text.isWellFormed(), "must be well-formed Unicode"),
);

/** A body may be left out altogether. */
export const reportBody = v.optional(v.object({ reason: v.optional(v.nullable(reason)) }), {});

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const reportedSchema = v.object({
  messageId: v.string(),
  isSpam: v.boolean(),
  reports: count,
});
export const svcReportedSchema = v.object({
  message_id: v.string(),
  is_spam: v.boolean(),
  reports: count,
});

export const casesQuery = v.object({
  state: v.optional(v.picklist(CASE_STATES)),
  cursor: v.optional(cursorText),
  limit: v.optional(queryLimit(LONGEST_PAGE), `${PAGE}`),
});
/** Where a page ends. */
export const casePlace = v.tuple([v.number(), v.string()]);

const caseEntries = {
  /** The reported message's. */
  id: v.string(),
  messageId: v.string(),
  conversationId: v.string(),
  authorId: v.string(),
  /** What the message said when it was reported last. */
  content: v.string(),
  state: v.picklist(CASE_STATES),
  action: v.nullable(v.picklist(CASE_ACTIONS)),
  assigneeId: v.nullable(v.string()),
  note: v.nullable(v.string()),
  /** How many people have reported the message. */
  reports: count,
  openedAt: timeSchema,
  changedAt: timeSchema,
};
export const caseSchema = v.object(caseEntries);
export const casesSchema = v.object({
  reports: v.array(caseSchema),
  nextCursor: v.nullable(v.string()),
});
export const wholeCaseSchema = v.object({
  ...caseEntries,
  reporters: v.array(
    v.object({
      reporterId: v.string(),
      reason: v.nullable(v.string()),
      version: count,
      reportedAt: timeSchema,
    }),
  ),
});

const note = v.optional(v.pipe(v.string(), v.trim(), v.maxLength(LONGEST_NOTE)));

export const caseStepBody = v.variant("state", [
  v.object({ state: v.literal("open"), note }),
  v.object({ state: v.literal("in_review"), assigneeId: v.exactOptional(userIdSchema), note }),
  v.object({ state: v.literal("resolved"), action: v.picklist(CASE_ACTIONS), note }),
  v.object({ state: v.literal("dismissed"), note }),
]);

export const erasedSchema = v.object({
  conversationId: v.string(),
  userId: v.string(),
  /** Messages that this request has erased. */
  erased: count,
  /** False while some are left; they go without another request. */
  done: v.boolean(),
});

export const lockedSchema = v.object({ conversationId: v.string(), locked: v.boolean() });
