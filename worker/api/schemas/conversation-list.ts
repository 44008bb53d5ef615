import * as v from "valibot";
import { conversationTypes } from "../../../protocol/event.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { conversationSummarySchema } from "./conversation.ts";
import { cursorText, queryFlag, queryLimit, queryNumber, timeSchema } from "./ids.ts";

/** Conversations in one answer: a phone's whole list. */
const LONGEST_LIST = 500;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const preferenceEntries = {
  muted: v.boolean(),
  pinned: v.boolean(),
  archived: v.boolean(),
  markedUnread: v.boolean(),
};

export const listQuery = v.pipe(
  v.object({
    limit: v.optional(queryLimit(LONGEST_LIST), `${LIMITS.historyDefault}`),
    cursor: v.optional(cursorText),
    page: v.optional(queryNumber(1, 1_000_000)),
    /** An earlier answer's `x-synced-at`. */
    updatedSince: v.optional(timeSchema),
    type: v.optional(v.picklist(conversationTypes)),
    includeArchived: v.optional(queryFlag, "false"),
  }),
  v.check(
    ({ cursor, page }) => cursor === undefined || page === undefined,
    "cursor and page exclude each other",
  ),
);

export const listEntrySchema = v.object({
  ...conversationSummarySchema.entries,
  ...preferenceEntries,
});
export const conversationListSchema = v.object({
  conversations: v.array(listEntrySchema),
  totalCount: count,
  totalUnreadMessages: count,
  /** With unread messages, or marked as unread. */
  unreadConversations: count,
  nextCursor: v.nullable(v.string()),
  /** With `updatedSince`: conversations that left the list. */
  removed: v.array(v.string()),
});

/** What is left out stays. */
export const preferencesBody = v.object({
  muted: v.exactOptional(v.boolean()),
  pinned: v.exactOptional(v.boolean()),
  archived: v.exactOptional(v.boolean()),
  markedUnread: v.exactOptional(v.boolean()),
});
export const preferencesSchema = v.object({ conversationId: v.string(), ...preferenceEntries });
