import * as v from "valibot";
import { LIMITS } from "./limits.ts";
import { memberSchema } from "./member.ts";
import { SENDABLE_TYPES } from "./message.ts";
import { settingsChangeSchema } from "./settings.ts";

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const at = v.pipe(v.number(), v.safeInteger());

export const conversationTypes = ["direct", "group"] as const;
export type ConversationType = (typeof conversationTypes)[number];

/**
 * Event 0: who founded the conversation, with whom. It is the log's header: readers get it in `welcome`,
 * the bridge archives it, and everything else starts at seq 1. Rule ORD-1.
 */
export const foundedEventSchema = v.object({
  seq: v.literal(0),
  at,
  type: v.literal("founded"),
  senderId: v.string(),
  conversation: v.object({
    type: v.picklist(conversationTypes),
    name: v.nullable(v.string()),
    members: v.array(memberSchema),
    /** What was chosen beside the defaults. */
    avatarFileId: v.exactOptional(v.string()),
    settings: v.exactOptional(v.omit(settingsChangeSchema, ["name", "avatarFileId"])),
  }),
});
export type FoundedEvent = v.InferOutput<typeof foundedEventSchema>;

/**
 * A message as it stands when it is read: `version` above 1 and `editedAt` after an edit, empty with `deletedAt` after
 * a deletion. The edit and the deletion are events of their own as well, later in the log. Rule CHG-1.
 */
export const messageEventSchema = v.object({
  seq,
  at,
  type: v.literal("message"),
  senderId: v.string(),
  clientMessageId: v.string(),
  message: v.object({
    type: v.picklist([...SENDABLE_TYPES, "SYSTEM"]),
    content: v.string(),
    replyTo: v.optional(v.string()),
    mentions: v.optional(v.array(v.string())),
    attachments: v.optional(v.array(v.string())),
    /** Those of `attachments` that were deleted since. */
    deletedAttachments: v.optional(v.array(v.string())),
    metadata: v.optional(v.record(v.string(), v.unknown())),
  }),
  version: v.optional(v.number()),
  editedAt: v.optional(at),
  deletedAt: v.optional(at),
  /** Reported often enough, or found to be spam by staff. Rule MOD-2. */
  isSpam: v.optional(v.literal(true)),
});
export type MessageEvent = v.InferOutput<typeof messageEventSchema>;

/** The message at `target` has new content. Empty once the message is deleted. Rule CHG-2. */
export const editedEventSchema = v.object({
  seq,
  at,
  type: v.literal("edited"),
  senderId: v.string(),
  target: seq,
  version: v.number(),
  content: v.string(),
});

/** The message at `target` is gone for everyone; its place in the log stays. Rule CHG-3. */
export const deletedEventSchema = v.object({
  seq,
  at,
  type: v.literal("deleted"),
  senderId: v.string(),
  target: seq,
});

/** The messages of one user at `targets` are gone for everyone, in one go. Rule CHG-7. */
export const erasedEventSchema = v.object({
  seq,
  at,
  type: v.literal("erased"),
  senderId: v.string(),
  userId: v.string(),
  targets: v.pipe(v.array(seq), v.minLength(1), v.maxLength(LIMITS.erasedPerEvent)),
});

/**
 * A member has reported the message at `target` as it was in `version`; it has been reported by `reports` people since.
 * Only the bridge gets it: nobody in the conversation learns who reported what. Rule MOD-1.
 */
export const reportedEventSchema = v.object({
  seq,
  at,
  type: v.literal("reported"),
  senderId: v.string(),
  target: seq,
  version: v.number(),
  reason: v.nullable(v.string()),
  reports: v.number(),
  isSpam: v.boolean(),
});

/** Staff has said whether the message at `target` is spam. Only the bridge gets it. Rule MOD-2. */
export const judgedEventSchema = v.object({
  seq,
  at,
  type: v.literal("judged"),
  senderId: v.string(),
  target: seq,
  isSpam: v.boolean(),
});

/** What readers get of a report or a judgement: how the message at `target` stands now. Rule MOD-2. */
export const flaggedEventSchema = v.object({
  seq,
  at,
  type: v.literal("flagged"),
  target: seq,
  isSpam: v.boolean(),
});

/** One member's emoji on the message at `target`, put there or taken back. Rule CHG-4. */
export const reactionEventSchema = v.object({
  seq,
  at,
  type: v.literal("reaction"),
  senderId: v.string(),
  target: seq,
  emoji: v.string(),
  active: v.boolean(),
});

/** A file of the conversation can be read from now on. Its name is not told: that would outlive the file. Rule FIL-13. */
export const fileUploadedEventSchema = v.object({
  seq,
  at,
  type: v.literal("fileUploaded"),
  senderId: v.string(),
  fileId: v.string(),
  mimeType: v.string(),
  /** Bytes. */
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

/** A file is gone for everyone; `targets` are the messages that name it and show it as deleted now. Rule FIL-13. */
export const fileDeletedEventSchema = v.object({
  seq,
  at,
  type: v.literal("fileDeleted"),
  senderId: v.string(),
  fileId: v.string(),
  targets: v.array(seq),
});

/** What can happen to members, as the log says it. `role` and `transferred` name the new role. */
export const MEMBERSHIP_ACTIONS = [
  "added",
  "joined",
  "left",
  "removed",
  "banned",
  "unbanned",
  "role",
  "transferred",
  "muted",
] as const;

/** Who came, went, or is now something else; `until` (epoch ms, 0 ends it) belongs to `muted`. Rule MEM-1. */
export const membershipEventSchema = v.object({
  seq,
  at,
  type: v.literal("membership"),
  senderId: v.string(),
  action: v.picklist(MEMBERSHIP_ACTIONS),
  members: v.array(memberSchema),
  until: v.optional(at),
  /** With `joined`: the invitation that was used. Rule ADM-1. */
  inviteId: v.optional(v.string()),
  /** With `added`: who came had asked to. Rule ADM-5. */
  requested: v.optional(v.boolean()),
});
export type MembershipEvent = v.InferOutput<typeof membershipEventSchema>;

/** What the conversation allows, or how it is called, has changed: only what changed is named. Rule MEM-5. */
export const settingsEventSchema = v.object({
  seq,
  at,
  type: v.literal("settings"),
  senderId: v.string(),
  settings: settingsChangeSchema,
});
export type SettingsEvent = v.InferOutput<typeof settingsEventSchema>;

/** The group is over: all `memberCount` members have left, and nothing comes after this. Rule MEM-7. */
export const dismissedEventSchema = v.object({
  seq,
  at,
  type: v.literal("dismissed"),
  senderId: v.string(),
  memberCount: v.number(),
});
export type DismissedEvent = v.InferOutput<typeof dismissedEventSchema>;

/** What the server says of a conversation, for readers to see between the messages. Rule MEM-6. */
export type SystemEvent = MembershipEvent | SettingsEvent | DismissedEvent;

/** Types that have a place of their own in what a reader sees; the others change one, or keep a place. */
export const SHOWN_TYPES = ["message", "membership", "settings", "dismissed"] as const;
export type ShownEvent = Extract<LogEvent, { type: (typeof SHOWN_TYPES)[number] }>;
const SHOWN: ReadonlySet<string> = new Set(SHOWN_TYPES);

export function isShown<Event extends { type: string }>(
  event: Event,
): event is Extract<Event, { type: (typeof SHOWN_TYPES)[number] }> {
  return SHOWN.has(event.type);
}

/** A message that this reader has hidden for himself: it only keeps his place in the log. Rule CHG-5. */
export const hiddenEventSchema = v.object({ seq, at, type: v.literal("hidden") });

const readable = [
  messageEventSchema,
  editedEventSchema,
  deletedEventSchema,
  erasedEventSchema,
  reactionEventSchema,
  membershipEventSchema,
  settingsEventSchema,
  dismissedEventSchema,
  fileUploadedEventSchema,
  fileDeletedEventSchema,
] as const;

/** One entry of a conversation's log, as the bridge and the archive see it. `at` is epoch milliseconds. */
export const logEventSchema = v.variant("type", [
  foundedEventSchema,
  ...readable,
  reportedEventSchema,
  judgedEventSchema,
]);
export type LogEvent = v.InferOutput<typeof logEventSchema>;

/** What readers of a conversation receive: everything but the header, which `welcome` carries. */
export const readerEventSchema = v.variant("type", [
  ...readable,
  flaggedEventSchema,
  hiddenEventSchema,
]);
export type ReaderEvent = v.InferOutput<typeof readerEventSchema>;

/**
 * An event of a type that this build does not know keeps its place and shows nothing, so that a newer server does not
 * tear a hole into an older reader's log. Rule FRM-5.
 */
export const laterEventSchema = v.pipe(
  v.object({
    seq,
    at,
    type: v.pipe(
      v.string(),
      v.check((type) => !KNOWN_TYPES.has(type), "is known, and not this"),
    ),
  }),
  v.transform((event): HiddenEvent => ({ seq: event.seq, at: event.at, type: "hidden" })),
);

type HiddenEvent = v.InferOutput<typeof hiddenEventSchema>;

const KNOWN_TYPES: ReadonlySet<string> = new Set(
  readerEventSchema.options.map((option) => option.entries.type.literal),
);
