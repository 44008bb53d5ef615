import * as v from "valibot";
import { conversationTypes } from "../../../protocol/event.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { memberSchema, roleSchema } from "../../../protocol/member.ts";
import { settingsChangeSchema, settingsSchema } from "../../../protocol/settings.ts";
import { cursorText, queryLimit, timeSchema, userIdSchema } from "./ids.ts";
import { messageSchema } from "./message.ts";
import { conversationName } from "./names.ts";

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const conversationSummarySchema = v.object({
  _id: v.string(),
  id: v.string(),
  conversationId: v.string(),
  type: v.picklist(conversationTypes),
  name: v.nullable(v.string()),
  avatarFileId: v.nullable(v.string()),
  memberCount: count,
  lastMessage: v.nullable(messageSchema),
  lastSeq: seq,
  /** Both stop at `unreadMax`. */
  unreadCount: count,
  mentionCount: count,
  readSeq: seq,
  deliveredSeq: seq,
  myRole: roleSchema,
  createdAt: timeSchema,
  updatedAt: timeSchema,
});

export const conversationSchema = v.object({
  ...conversationSummarySchema.entries,
  /** The first hundred; further ones by GET …/members. */
  members: v.array(memberSchema),
  settings: settingsSchema,
});

const person = v.union([
  v.string(),
  v.pipe(
    v.object({ userId: v.string() }),
    v.transform((member) => member.userId),
  ),
]);

export const directBody = v.object({
  participantId: v.optional(userIdSchema),
  receiverId: v.optional(userIdSchema),
  participantIds: v.optional(
    v.pipe(v.array(userIdSchema), v.length(1, "a direct conversation has one other")),
  ),
});

const { name: _name, avatarFileId, ...settingsEntries } = settingsChangeSchema.entries;
const settingsPart = v.object(settingsEntries);

export const groupBody = v.object({
  name: conversationName,
  participantIds: v.optional(v.array(person)),
  members: v.optional(v.array(person)),
  groupId: v.optional(v.string()),
  adminId: v.optional(v.string()),
  avatarFileId,
  settings: v.exactOptional(settingsPart),
});

/** Settings may stand at the top or under `settings`. */
export const conversationPatch = v.pipe(
  v.object({
    ...settingsChangeSchema.entries,
    name: v.exactOptional(conversationName),
    settings: v.exactOptional(settingsPart),
  }),
  v.transform(({ settings, ...rest }) => ({ ...rest, ...settings })),
);

export const readBody = v.optional(v.object({ upToSeq: v.optional(seq) }), {});
export const readSchema = v.object({
  conversationId: v.string(),
  readSeq: seq,
  readCount: count,
  unreadCount: count,
});

export const memberPageQuery = v.object({
  cursor: v.optional(cursorText),
  limit: v.optional(queryLimit(LIMITS.historyMax), `${LIMITS.namedMembers}`),
});
export const memberPageSchema = v.object({
  members: v.array(
    v.object({
      ...memberSchema.entries,
      joinedAt: timeSchema,
      mutedUntil: v.nullable(timeSchema),
      online: v.boolean(),
    }),
  ),
  memberCount: count,
  nextCursor: v.nullable(v.string()),
});

/** People to add: one, or up to `membersPerEvent`. */
export const addMembersBody = v.pipe(
  v.object({
    userId: v.optional(userIdSchema),
    userIds: v.optional(v.pipe(v.array(userIdSchema), v.maxLength(LIMITS.membersPerEvent))),
  }),
  v.transform(({ userId, userIds = [] }) => [
    ...new Set(userId === undefined ? userIds : [userId, ...userIds]),
  ]),
  v.minLength(1, "userId or userIds is missing"),
);

export const bansSchema = v.object({ bans: v.array(v.object({ userId: v.string() })) });

export const roleBody = v.object({ role: roleSchema });
export const transferBody = v.object({ userId: userIdSchema });
/** Seconds; 0 ends it. A year is as good as for ever. */
export const muteBody = v.object({
  seconds: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(366 * 86_400)),
});

/** Where a change of members or settings stands in the log. */
export const changedSchema = v.object({ conversationId: v.string(), seq });
