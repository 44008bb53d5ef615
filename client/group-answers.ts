import * as v from "valibot";
import { memberSchema } from "../protocol/member.ts";
import { settingsSchema } from "../protocol/settings.ts";
import { conversationSchema, isoTime } from "./rest-answers.ts";

/** What this SDK reads of the answers about groups. Times are epoch milliseconds here. */

/** A group as it stands, with its first hundred members; further ones by `GroupClient.members`. */
export const groupSchema = v.object({
  ...conversationSchema.entries,
  memberCount: v.number(),
  myRole: memberSchema.entries.role,
  members: v.array(memberSchema),
  settings: settingsSchema,
});
export type Group = v.InferOutput<typeof groupSchema>;

const groupMemberSchema = v.object({
  ...memberSchema.entries,
  joinedAt: isoTime,
  /** Null for who may write. */
  mutedUntil: v.nullable(isoTime),
  online: v.boolean(),
});
export type GroupMember = v.InferOutput<typeof groupMemberSchema>;

export const groupMemberPageSchema = v.object({
  members: v.array(groupMemberSchema),
  memberCount: v.number(),
  nextCursor: v.nullable(v.string()),
});
export type GroupMemberPage = v.InferOutput<typeof groupMemberPageSchema>;

export const groupBansSchema = v.object({ bans: v.array(v.object({ userId: v.string() })) });

/** Where a change stands in the log; where the log ended, if nothing was to be changed. */
export const groupChangeSchema = v.object({ conversationId: v.string(), seq: v.number() });
export type GroupChange = v.InferOutput<typeof groupChangeSchema>;

export const inviteSchema = v.object({
  inviteId: v.string(),
  conversationId: v.string(),
  /** What a link carries. Whoever has it can use it. */
  token: v.string(),
  createdBy: v.string(),
  createdAt: isoTime,
  expiresAt: isoTime,
  /** Null: as many as there is time for. */
  maxUses: v.nullable(v.number()),
  uses: v.number(),
  revokedAt: v.nullable(isoTime),
  /** Whether it still lets somebody in. */
  active: v.boolean(),
});
export type Invite = v.InferOutput<typeof inviteSchema>;
export const invitesSchema = v.object({ invites: v.array(inviteSchema) });

/** What an invitation leads to, for those who are not there yet. */
export const invitationSchema = v.object({
  conversationId: v.string(),
  name: v.nullable(v.string()),
  memberCount: v.number(),
  expiresAt: isoTime,
  isMember: v.boolean(),
});
export type Invitation = v.InferOutput<typeof invitationSchema>;

export const joinRequestSchema = v.object({
  userId: v.string(),
  name: v.string(),
  note: v.string(),
  requestedAt: isoTime,
});
export type JoinRequest = v.InferOutput<typeof joinRequestSchema>;
export const joinRequestsSchema = v.object({ requests: v.array(joinRequestSchema) });
