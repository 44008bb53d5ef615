import * as v from "valibot";
import { idSchema } from "../../../protocol/id-schemas.ts";
import { parseInviteToken } from "../../../protocol/invite-token.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { conversationIdSchema, timeSchema } from "./ids.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const onInvite = v.object({
  conversationId: conversationIdSchema,
  inviteId: v.pipe(v.string(), v.regex(/^[1-9][0-9]{0,14}$/, "is not an invitation's id")),
});
export const byToken = v.object({ token: idSchema(parseInviteToken) });

/** How long it holds, and for how many. */
export const inviteBody = v.optional(
  v.object({
    expiresInS: v.optional(
      v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(LIMITS.inviteSecondsMax)),
      LIMITS.inviteSeconds,
    ),
    /** Null or left out: for as many as there is time for. */
    maxUses: v.optional(
      v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(LIMITS.inviteUses))),
      null,
    ),
  }),
  {},
);

export const inviteSchema = v.object({
  inviteId: v.string(),
  conversationId: v.string(),
  /** What a link carries. Whoever has it can use it. */
  token: v.string(),
  createdBy: v.string(),
  createdAt: timeSchema,
  expiresAt: timeSchema,
  maxUses: v.nullable(count),
  uses: count,
  revokedAt: v.nullable(timeSchema),
  /** Whether it still lets somebody in. */
  active: v.boolean(),
});
export const invitesSchema = v.object({ invites: v.array(inviteSchema) });

export const invitationSchema = v.object({
  conversationId: v.string(),
  name: v.nullable(v.string()),
  avatarFileId: v.nullable(v.string()),
  memberCount: count,
  expiresAt: timeSchema,
  isMember: v.boolean(),
});

export const joinRequestBody = v.optional(
  v.object({ note: v.optional(v.pipe(v.string(), v.maxLength(LIMITS.joinNoteChars)), "") }),
  {},
);
export const joinRequestSchema = v.object({
  userId: v.string(),
  name: v.string(),
  note: v.string(),
  requestedAt: timeSchema,
});
export const joinRequestsSchema = v.object({ requests: v.array(joinRequestSchema) });
